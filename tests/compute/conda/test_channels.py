from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.conda import channels as channels_module
from skyloom.compute.conda.channels import Channels, channel_places
from skyloom.core.conda_wish import CondaWish
from skyloom.core.problem import ProblemError
from tests.compute.conda.conftest import SETTING, served
from tests.conda_channel import why_no_channel


@pytest.fixture(autouse=True)
def _has_rattler() -> None:
    if why_no_channel():
        pytest.skip(why_no_channel())


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """A server with one channel, `here`."""
    (tmp_path / "here" / "noarch").mkdir(parents=True)
    (tmp_path / "here" / "noarch" / "repodata.json").write_text("{}")
    with served(tmp_path) as host:
        yield f"http://{host}"


def why_not(setting: str, *names: str) -> str:
    return Channels({SETTING: setting}).why_not(CondaWish(("tiny",), names))


def test_a_channel_is_reached_where_it_answers(mirror: str) -> None:
    assert why_not(mirror, "here") == ""
    told = why_not(mirror, "here", "gone")
    assert told == "the channel 'gone' was not reached (it has none of a channel's files)"
    assert mirror.rpartition("/")[2] not in why_not(f"x={mirror.replace('127', 'me:word@127')}/gone", "x")


def test_a_channel_that_says_nothing_is_given_up_soon_and_that_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels_module, "_ANSWERS_WITHIN_S", 1.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = Channels({SETTING: f"http://127.0.0.1:{silent.getsockname()[1]}"})
        started = time.monotonic()
        assert "was not reached" in found.why_not(CondaWish(("tiny",), ("x",)))
        assert time.monotonic() - started < 10
        started = time.monotonic()
        assert found.why_not(CondaWish(("other",), ("x",)))
        assert time.monotonic() - started < 0.1


def test_a_setting_that_does_not_read_is_refused_without_its_secrets() -> None:
    for text in ("nonsense", "https://a.example; b c=https://me:word@host"):
        with pytest.raises(ProblemError, match="A028") as caught:
            Channels({SETTING: text})
        assert "word" not in str(caught.value)


def test_the_defaults_are_two_channels_and_a_mirror_has_its_own() -> None:
    places = channel_places({})
    assert [one.rpartition("/")[2] for one in places.addresses("defaults")] == ["main", "r"]
    assert places.addresses("pkgs/main") == places.addresses("main") == places.addresses("defaults")[:1]
    mirrored = channel_places({SETTING: "https://m.example/conda/; defaults=file:///d"})
    assert mirrored.addresses("defaults") == ("file:///d",)
    assert mirrored.addresses("https://conda.anaconda.org/pytorch") == ("https://m.example/conda/pytorch",)
