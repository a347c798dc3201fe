"""The registry on disk, and over the agent's routes."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.identity import Digest
from skyloom.core.problem import ProblemError
from skyloom.stores.small_files import HomeFiles
from skyloom.workspace.registry import Registry


def test_versions_count_up_and_a_number_is_not_given_twice(tmp_path: Path) -> None:
    registry = Registry(HomeFiles(tmp_path))
    assert [registry.add_entry("models", "net", {"a": 1}).version for _ in range(2)] == [1, 2]
    registry.remove_entry("models", "net", 2)
    again = Registry(HomeFiles(tmp_path))
    assert again.add_entry("models", "net", {}).version == 3
    assert [entry.version for entry in again.entries("models", "net")] == [1, 3]
    assert again.entries("models", "other") == [] and again.entries("modules") == []


def test_a_change_puts_facts_into_one_version(tmp_path: Path) -> None:
    registry = Registry(HomeFiles(tmp_path))
    registry.add_entry("models", "net", {"a": 1, "b": 1})
    registry.add_entry("models", "net", {"a": 2})
    assert registry.change_entry("models", "net", 1, {"b": 3}).body == {"a": 1, "b": 3}
    assert [entry.body for entry in registry.entries("models")] == [{"a": 1, "b": 3}, {"a": 2}]


def test_content_is_in_use_while_its_entry_is_there(tmp_path: Path) -> None:
    registry = Registry(HomeFiles(tmp_path))
    first, second = Digest("sha256:" + "1" * 64), Digest("sha256:" + "2" * 64)
    registry.add_entry("models", "net", {}, [first])
    registry.add_entry("moduleversions", "add", {}, [second])
    assert registry.content_in_use() == {first, second}
    registry.remove_entry("models", "net", 1)
    assert registry.content_in_use() == {second}


@pytest.mark.parametrize("kind", ["../secret", "Models", ""])
def test_a_kind_is_a_small_word(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ProblemError, match="P281"):
        Registry(HomeFiles(tmp_path)).add_entry(kind, "x", {})


def test_what_is_not_there_is_told_with_what_is(tmp_path: Path) -> None:
    registry = Registry(HomeFiles(tmp_path))
    registry.add_entry("models", "net", {})
    with pytest.raises(ProblemError, match=r"P282.*no version 2 of 'net'"):
        registry.change_entry("models", "net", 2, {})
