from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute.uv_command import Uv, find_uv, redacted, secrets_in, uv_settings
from skyloom.core.problem import ProblemError

SECRET = "hunter2word"


def _program(folder: Path, text: str) -> Uv:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Uv(
        str(path), {"PATH": os.defpath, "UV_DEFAULT_INDEX": f"https://me:{SECRET}@packages.example/simple"}
    )


def _lives(process: int) -> bool:
    """Tell whether a process runs; one that ended may wait for its parent to ask."""
    try:
        os.kill(process, 0)
        state = subprocess.run(["ps", "-o", "state=", "-p", str(process)], capture_output=True, check=False)
    except ProcessLookupError:
        return False
    return not state.stdout.startswith(b"Z")


def _problem_of(uv: Uv) -> tuple[str, str]:
    with pytest.raises(ProblemError) as caught:
        uv.run([], lambda line: None)
    return caught.value.problem.code, str(caught.value)


def test_settings_of_pip_are_taken_where_uv_has_none() -> None:
    settings = uv_settings(
        {
            "PIP_INDEX_URL": "https://one.example/simple",
            "PIP_EXTRA_INDEX_URL": "https://two.example/simple  https://three.example/simple",
            "PIP_FIND_LINKS": "/wheels /more",
            "PIP_CERT": "/ca.pem",
        }
    )
    assert settings["UV_DEFAULT_INDEX"] == "https://one.example/simple"
    assert settings["UV_EXTRA_INDEX_URL"] == "https://two.example/simple https://three.example/simple"
    assert settings["UV_FIND_LINKS"] == "/wheels,/more"
    assert settings["SSL_CERT_FILE"] == "/ca.pem"


@pytest.mark.parametrize("own", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_settings_of_uv_win_over_those_of_pip(own: str) -> None:
    settings = uv_settings({own: "https://uv.example/simple", "PIP_INDEX_URL": "https://pip.example/simple"})
    assert "https://pip.example/simple" not in {v for k, v in settings.items() if k.startswith("UV_")}


def test_what_would_change_the_meaning_is_not_passed_on() -> None:
    settings = uv_settings({"UV_PYTHON": "3.9", "VIRTUAL_ENV": "/venv", "PYTHONPATH": "/x", "LANG": "C"})
    assert settings == {"LANG": "C", "UV_PYTHON_DOWNLOADS": "never"}


def test_pythons_are_never_downloaded() -> None:
    assert uv_settings({"UV_PYTHON_DOWNLOADS": "automatic"})["UV_PYTHON_DOWNLOADS"] == "never"


def test_pip_without_index_means_uv_without_index() -> None:
    assert find_uv({"PIP_NO_INDEX": "1"}).index_options() == ["--no-index"]
    assert find_uv({"PIP_NO_INDEX": "1", "UV_DEFAULT_INDEX": "https://a.example"}).index_options() == []
    assert find_uv({}).index_options() == []


@given(
    user=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=3, max_size=12),
    password=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=6, max_size=12),
)
def test_no_line_shows_an_address_or_its_password(user: str, password: str) -> None:
    address = f"https://{user}:{password}@index.internal/simple"
    secrets = secrets_in({"UV_INDEX": f"mine={address}", "LANG": "C"})
    for line in (
        f"Failed to fetch: `{address}/six/`",
        f"({address})",
        f"bad password {password} at index.internal",
    ):
        shown = redacted(line, secrets)
        assert f"{user}:{password}" not in shown
        assert "index.internal" not in shown
        assert password not in shown


def test_a_folder_of_wheels_is_no_secret() -> None:
    assert secrets_in({"PIP_FIND_LINKS": "/opt/wheels wheels"}) == ()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("No solution found when resolving dependencies: because six==99", "C055"),
        ("error: Request failed after 3 retries; tcp connect error", "C056"),
        ("hint: Packages were unavailable because the network was disabled", "C056"),
        ("something else", "C057"),
        ("failed to write: No space left on device (os error 28)", "C061"),
        ("hint: Wheels are required because building from source is disabled", "C062"),
        ("hint: could not be queried: lack of valid authentication credentials (401 Unauthorized)", "C064"),
        ("Hash mismatch for six==1.17.0", "C065"),
    ],
)
def test_a_failure_is_named_by_what_uv_says_and_shows_it(tmp_path: Path, said: str, code: str) -> None:
    got, text = _problem_of(_program(tmp_path, f'echo "{said}" >&2; exit 2'))
    assert got == code
    assert said in text


def test_a_failure_shows_neither_address_nor_password(tmp_path: Path) -> None:
    uv = _program(tmp_path, 'echo "error: at $UV_DEFAULT_INDEX/six (packages.example)"; exit 1')
    _, text = _problem_of(uv)
    assert "<address>" in text
    assert SECRET not in text + repr(uv)
    assert "packages.example" not in text


def test_lines_come_as_they_are_printed(tmp_path: Path) -> None:
    uv = _program(tmp_path, "echo one; sleep 0.5; echo two")
    came: list[tuple[str, float]] = []
    uv.run([], lambda line: came.append((line, time.monotonic())))
    assert [line for line, _ in came] == ["one", "two"]
    assert came[1][1] - came[0][1] > 0.3


def test_it_is_stopped_with_its_children_when_a_line_is_refused(tmp_path: Path) -> None:
    uv = _program(tmp_path, "sleep 60 & echo $!; wait")
    children: list[int] = []

    def refuse(line: str) -> None:
        children.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        uv.run([], refuse)
    deadline = time.monotonic() + 5
    while _lives(children[0]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _lives(children[0])


def test_it_is_stopped_when_it_takes_too_long(tmp_path: Path) -> None:
    slow = _program(tmp_path, "sleep 60")
    code, text = _problem_of(Uv(slow.path, slow.environ, timeout_s=0.2))
    assert code == "C057"
    assert "0.2 s" in text
