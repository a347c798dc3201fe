from __future__ import annotations

from .commands import Commands


def test_the_doctor_tells_levels_and_warnings(skyloom: Commands) -> None:
    said = skyloom("doctor")
    assert said.code == 0
    assert "isolation  none" in said.out and "warning: It is a test." in said.out
    assert skyloom("doctor", "--json").json["isolation"] == "none"
