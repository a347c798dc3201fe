from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.problem import ProblemError
from skyloom.workspace.settings import read_settings


@pytest.mark.parametrize(
    ("text", "is_on"),
    [("", True), ("on", True), ("1", True), ("off", False), (" OFF ", False), ("0", False), ("no", False)],
)
def test_the_switches_are_on_until_they_are_turned_off(text: str, is_on: bool) -> None:
    settings = read_settings(Path("/home"), {"SKYLOOM_LOCALS": text, "SKYLOOM_LANGUAGE_SERVER": text})
    assert settings.keeps_locals is is_on
    assert settings.has_language_server is is_on


def test_the_spares_are_the_machines_to_say_unless_somebody_does() -> None:
    assert read_settings(Path("/home"), {}).spares is None
    assert read_settings(Path("/home"), {"SKYLOOM_SPARES": "0"}).spares == 0


@pytest.mark.parametrize(
    ("name", "text", "fix"),
    [
        ("SKYLOOM_SLOTS", "many", "at least 1"),
        ("SKYLOOM_SLOTS", "0", "at least 1"),
        ("SKYLOOM_SPARES", "-1", "at least 0"),
        ("SKYLOOM_IMPORT_MEMORY", "2G", "at least 0"),
        ("SKYLOOM_LEAST_ISOLATION", "fulll", "full+cgroup, full, kernel-filter, none"),
        ("SKYLOOM_AML_COMPUTE", "kubernetes", "slots, ray"),
    ],
)
def test_a_setting_that_cannot_mean_what_it_says_is_named_with_the_way_out(
    name: str, text: str, fix: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        read_settings(Path("/home"), {name: text})
    problem = caught.value.problem
    assert (problem.code, problem.where) == ("A028", name)
    assert repr(text) in problem.message and fix in problem.fix
