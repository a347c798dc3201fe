"""Which packages are chosen: order of channels, pins of channels, versions of Python."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skyloom.compute.conda.channels import Channels
from skyloom.core.conda_wish import CondaWish
from tests.compute.conda.conftest import SETTING
from tests.conda_channel import FEATURE, VERSION

Solve = Callable[..., Any]


@pytest.fixture
def solve(channels: str, package_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Solve:
    """What is chosen for packages of channels, or the fault."""
    from skyloom.compute.conda import program  # optional: the extra `conda`

    monkeypatch.setenv("RATTLER_CACHE_DIR", os.fspath(package_cache))
    monkeypatch.setattr("sys.argv", ["program", str(tmp_path / "question"), str(tmp_path / "answer")])
    here = Channels({SETTING: channels})

    def ask(
        *packages: str, channels: tuple[str, ...] = ("conda-forge", "side"), python: str = FEATURE
    ) -> Any:
        wish = CondaWish(packages, channels)
        question = {
            "do": "solve",
            "channels": here.addresses(wish),
            "specs": here.specs(wish),
            "python": python,
        }
        (tmp_path / "question").write_text(json.dumps(question))
        program.main()
        answer = json.loads((tmp_path / "answer").read_text())
        return {pin.rpartition("=")[0] for pin in answer["pins"]} if "pins" in answer else answer["fault"]

    return ask


def test_the_first_channel_that_has_a_package_gives_it(solve: Solve) -> None:
    assert "tiny=2.0" in solve("tiny")
    assert "tiny=5.0" in solve("tiny", channels=("side", "conda-forge"))


def test_a_package_may_name_its_channel_even_one_that_is_not_listed(solve: Solve) -> None:
    assert "tiny=5.0" in solve("side::tiny", channels=("conda-forge",))
    assert "tiny=1.0" in solve("conda-forge::tiny=1.0", channels=("side", "conda-forge"))


def test_a_later_channel_helps_where_the_first_has_no_version_that_fits(solve: Solve) -> None:
    assert "tiny=5.0" in solve("tiny>=3")


@pytest.mark.parametrize("line", ["tiny=1.0", "tiny==1.0", "tiny 1.0", "tiny 1.0 py_0", "tiny==1.0=py_0"])
def test_the_spellings_of_conda_files_are_read(solve: Solve, line: str) -> None:
    assert "tiny=1.0" in solve(line)


@pytest.mark.parametrize("wish", [VERSION, FEATURE, "3.6.2", f"=={VERSION}", ">=3.8"])
def test_the_nearest_python_of_the_channels_is_taken(solve: Solve, wish: str) -> None:
    assert f"python={VERSION}" in solve("tiny", python=wish)
