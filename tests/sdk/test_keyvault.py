"""The key vault of a workspace. Source: sdk.md 4."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.keyvault import Keyvault
from skyloom.sdk.workspace import Workspace


def test_secrets_are_kept_by_name_for_the_owner_alone(ws: Workspace, tmp_path: Path) -> None:
    vault = ws.get_default_keyvault()
    assert isinstance(vault, Keyvault) and vault.list_secrets() == []
    vault.set_secret(name="door", value="open sesame")
    vault.set_secrets({"gate": "x" * 10, "door": "open barley"})
    assert vault.get_secret(name="door") == "open barley"
    assert vault.get_secrets(["gate", "none"]) == {"gate": "x" * 10, "none": None}
    file = tmp_path / "home" / "secrets" / "keyvault.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    vault.delete_secrets(["gate"])
    assert vault.list_secrets() == ["door"]
    for refused in (lambda: vault.get_secret("gate"), lambda: vault.delete_secret("gate")):
        with pytest.raises(UserErrorException, match="W240"):
            refused()
    with pytest.raises(UserErrorException, match="W241"):
        vault.set_secret("no good name", "x")


def test_a_secret_is_hidden_wherever_words_of_the_workspace_are_told(ws: Workspace) -> None:
    ws.get_default_keyvault().set_secret("door", "open-sesame")
    assert ws._api._datastores.words.hide("it said open-sesame") == "it said ***"  # type: ignore[attr-defined]
