from __future__ import annotations

from .commands import Commands


def test_modules_are_listed_and_shown(skyloom: Commands) -> None:
    assert "Execute Python Script" in skyloom("module", "list").out
    assert skyloom("module", "list", "--json").json["modules"][0]["name"] == "Execute Python Script"
    shown = skyloom("module", "show", "execute python script").out
    assert "Script Bundle" in shown and "Seconds" in shown
    assert skyloom("module", "show", "Execute Python Script", "--json").json["outputs"]


def test_an_unknown_module_gets_a_hint(skyloom: Commands) -> None:
    said = skyloom("module", "show", "Execute Python-Script")
    assert said.code == 3
    assert "Did you mean 'Execute Python Script'?" in said.err
