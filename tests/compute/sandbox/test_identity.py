from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.compute.sandbox import identity


def test_folder_closed_to_others_is_not_reached(tmp_path: Path) -> None:
    inner = tmp_path / "shut" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "shut").chmod(0o700)
    assert not identity.can_reach(os.getuid() + 1, str(inner))
    assert identity.can_reach(os.getuid() + 1, "/usr/bin")


def test_ids_that_this_machine_does_not_know_are_not_given() -> None:
    assert not identity.may_give(2**32 - 2, 256)


def test_only_root_gives_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not identity.may_give(200_000, 256)
