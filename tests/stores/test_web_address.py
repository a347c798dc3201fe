from __future__ import annotations

import ipaddress
import socket
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.problem import ProblemError
from skyloom.stores.web_address import AllowedHosts, checked_target, is_on_open_web, without_secrets

NOBODY = AllowedHosts()


def code_for(url: str, allowed: AllowedHosts = NOBODY) -> str:
    try:
        checked_target(url, allowed)
    except ProblemError as error:
        return error.problem.code
    return "accepted"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://0/",
        "http://0.0.0.0:8080/",
        "http://localhost/",
        "http://localhost./",
        "http://LOCALHOST:22/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://224.0.0.1/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "https://198.18.0.1/",
    ],
)
def test_an_address_inside_a_private_network_is_refused(url: str) -> None:
    assert code_for(url) == "D064"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data.csv",
        "ftp://8.8.8.8/data.csv",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "http://",
        "http:///path",
        "http://user@8.8.8.8/",
        "http://user:secret@8.8.8.8/",
        "http://8.8.8.8:0x50/",
        "http://8.8.8.8:99999/",
        "http://8.8.8.8\\@127.0.0.1/",
        "http://8.8.8.8/\r\nHost: inside",
        "http://8.8.8.8/\t",
        "http://[::1/",
        "http://8.8.8.8/é",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    assert code_for(url) == "D063"


def test_an_address_on_the_open_web_is_accepted_with_what_it_resolved_to() -> None:
    target = checked_target("http://8.8.8.8:8080/a b?x=1#part", NOBODY)
    assert (target.host, target.port, target.path) == ("8.8.8.8", 8080, "/a%20b?x=1")
    assert target.addresses == ("8.8.8.8",)
    assert checked_target("https://8.8.8.8", NOBODY).port == 443


def test_a_host_that_was_listed_may_be_private() -> None:
    assert code_for("http://127.0.0.1:81/", AllowedHosts.parse("127.0.0.1")) == "accepted"
    only_one_port = AllowedHosts.parse(" other , 127.0.0.1:81 ")
    assert code_for("http://127.0.0.1:81/", only_one_port) == "accepted"
    assert code_for("http://127.0.0.1:82/", only_one_port) == "D064"
    assert code_for("http://127.0.0.2:81/", only_one_port) == "D064"
    assert code_for("http://[::1]:81/", AllowedHosts.parse("[::1]:81")) == "accepted"


@given(st.ip_addresses(v=4))
def test_an_old_address_inside_a_new_one_is_judged_as_itself(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    for outer in (
        ipaddress.IPv6Address((0xFFFF << 32) + number),
        ipaddress.IPv6Address((0x64FF9B << 96) + number),
        ipaddress.IPv6Address((0x2002 << 112) + (number << 80)),
    ):
        assert is_on_open_web(str(outer)) == is_on_open_web(str(inner))


@given(st.text(max_size=60))
def test_any_text_is_accepted_or_told_as_a_problem(url: str) -> None:
    with patch("socket.getaddrinfo", side_effect=socket.gaierror):  # no name server is asked
        assert code_for("http://" + url) in ("D063", "D065")
        assert code_for(url) in ("D063", "D065")


def test_a_shown_address_has_no_secrets() -> None:
    assert without_secrets("https://ann:pw@host/a.csv?token=1#x") == "https://host/a.csv"
