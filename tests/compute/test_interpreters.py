from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute.interpreters import Python, choose_python, find_pythons, matches_wish
from skyloom.core.problem import ProblemError


def _python(version: str, **changes: object) -> Python:
    fields: dict[str, object] = {"implementation": "cpython", "platform": "linux-x86_64", **changes}
    return Python(f"/pythons/{version}/bin/python", version, **fields)  # type: ignore[arg-type]


FOUND = tuple(_python(version) for version in ("3.13.0", "3.12.1", "3.11.7", "3.11.2", "3.8.18", "3.6.15"))


@pytest.mark.parametrize(
    ("wish", "version"),
    [
        ("3.11", "3.11.7"),  # the newest patch
        ("3.11.2", "3.11.2"),
        ("3.11.3", "3.11.2"),  # the nearest patch
        ("3.6.2", "3.8.18"),  # found, but too old for a box
        ("2.7", "3.8.18"),
        ("3.10", "3.11.7"),
        ("3.15", "3.13.0"),
        (">=3.11", "3.11.7"),
        (">=3.8", "3.11.7"),  # nearest to the usual Python, not the oldest or newest
        (">=3.12", "3.12.1"),
        ("<3.11", "3.8.18"),
        ("==3.11.2", "3.11.2"),
        ("~=3.12", "3.12.1"),
    ],
)
def test_a_wish_gets_its_python(wish: str, version: str) -> None:
    assert choose_python(wish, FOUND).version == version


def test_of_two_equally_near_the_newer_is_taken() -> None:
    assert choose_python("3.11", [_python("3.10.1"), _python("3.12.1")]).version == "3.12.1"


@pytest.mark.parametrize("wish", [">=3.14", "==3.10.*", "<3.8"])
def test_a_condition_that_none_meets_names_those_found(wish: str) -> None:
    with pytest.raises(ProblemError) as caught:
        choose_python(wish, FOUND)
    problem = caught.value.problem
    assert problem.code == "C051"
    assert problem.message == f"Python {wish} requested; found 3.13.0, 3.12.1, 3.11.7, 3.11.2, 3.8.18."
    assert problem.fix


@pytest.mark.parametrize("wish", ["three", ">=", "3.x", "python3.11"])
def test_what_is_no_version_is_said_to_be_none(wish: str) -> None:
    with pytest.raises(ProblemError, match="says no Python version"):
        choose_python(wish, FOUND)


def test_pythons_that_no_box_can_use_are_never_chosen() -> None:
    unfit = [
        _python("3.11.9", implementation="pypy"),
        _python("3.11.9", free_threaded=True),
        _python("3.11.9rc1"),
        _python("3.7.1"),
    ]
    assert all(python.unfit_because for python in unfit)
    assert choose_python("3.11", [*unfit, _python("3.13.1")]).version == "3.13.1"
    with pytest.raises(ProblemError, match="none that can be used"):
        choose_python("3.11", unfit)


@given(st.lists(st.tuples(st.integers(8, 15), st.integers(0, 20)), min_size=1, unique=True), st.data())
def test_the_choice_does_not_depend_on_the_order_found(
    releases: list[tuple[int, int]], data: st.DataObject
) -> None:
    found = [_python(f"3.{minor}.{patch}") for minor, patch in releases]
    shuffled = data.draw(st.permutations(found))
    wish = data.draw(st.sampled_from(["3.11", ">=3.8", "3.9.4"]))
    assert choose_python(wish, found) == choose_python(wish, shuffled)


@pytest.mark.parametrize(
    ("wish", "version", "is_met"),
    [
        ("3.11", "3.11.7", True),
        ("3.1", "3.11.7", False),
        ("3.11.2", "3.11.7", False),
        (">=3.8", "3.9.0", True),
    ],
)
def test_a_wish_is_told_apart_from_the_nearest_to_it(wish: str, version: str, is_met: bool) -> None:
    assert matches_wish(wish, version) is is_met


def test_the_python_of_this_process_is_found_once_by_its_real_path() -> None:
    found = find_pythons()
    own = [python for python in found if python.path == os.path.realpath(sys.executable)]
    assert [python.version for python in own] == [platform.python_version()]
    assert len({python.path for python in found}) == len(found)


def test_folders_of_pyenv_and_uv_are_searched_and_shims_are_not(tmp_path: Path) -> None:
    home, real = tmp_path / "home", os.path.realpath(sys.executable)
    for folder in (".pyenv/versions/3.99/bin", ".local/share/uv/python/cpython-3.99/bin", ".pyenv/shims"):
        (home / folder).mkdir(parents=True)
        wrapper = home / folder / "python3"
        wrapper.write_text(f'#!/bin/sh\nexec "{real}" "$@"\n')
        wrapper.chmod(0o755)
    found = find_pythons({"HOME": str(home), "PATH": f"{home}/.pyenv/shims:relative"})
    inside = {os.path.relpath(python.path, home) for python in found if python.path.startswith(str(home))}
    assert inside == {
        ".pyenv/versions/3.99/bin/python3",
        ".local/share/uv/python/cpython-3.99/bin/python3",
    }


def test_a_program_that_is_no_python_is_passed_over(tmp_path: Path) -> None:
    fake = tmp_path / "python3"
    fake.write_text("#!/bin/sh\necho 3.12\n")
    fake.chmod(0o755)
    found = find_pythons({"HOME": str(tmp_path), "PATH": str(tmp_path)})
    assert str(fake) not in {python.path for python in found}
