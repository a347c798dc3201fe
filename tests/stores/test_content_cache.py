from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.stores.content_cache import ContentCache


def test_what_did_not_change_is_fetched_once(tmp_path: Path) -> None:
    cache, asked = ContentCache(tmp_path), []

    def fetch(target: str) -> None:
        asked.append(target)
        Path(target).write_text("content")

    first = cache.path("store", "a", "stamp 1", fetch=fetch)
    assert cache.path("store", "a", "stamp 1", fetch=fetch) == first and len(asked) == 1
    assert cache.path("store", "a", "stamp 2", fetch=fetch) != first and len(asked) == 2
    assert cache.renewed("web", "u", fetch=fetch) == cache.renewed("web", "u", fetch=fetch)
    assert len(asked) == 4


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fetch(target: str) -> None:
        Path(target).write_text("half")
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        ContentCache(tmp_path).path("a", fetch=fetch)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    cache = ContentCache(tmp_path, limit_bytes=10)
    paths = [cache.path(name, fetch=lambda target: Path(target).write_bytes(b"12345")) for name in "abc"]
    for age, path in enumerate(paths):
        os.utime(path, (1000 - age, 1000 - age))
    cache.sweep()
    assert [os.path.exists(path) for path in paths] == [True, True, False]
