from __future__ import annotations

from pathlib import Path

import pytest

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
