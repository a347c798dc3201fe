from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.folder import MAGIC, Folder, FolderFile, check_paths, folder_from_bytes
from skyloom.core.identity import digest_of_bytes

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda name: name not in (".", ".."))
DIGEST = digest_of_bytes(b"x")


@given(st.lists(NAMES, unique=True, max_size=5))
def test_what_is_written_is_read(names: list[str]) -> None:
    folder = Folder(tuple(FolderFile(name, DIGEST, 1) for name in sorted(names)))
    assert folder_from_bytes(folder.as_bytes()) == folder


def test_order_does_not_count() -> None:
    one, other = FolderFile("a", DIGEST, 1), FolderFile("b", DIGEST, 1, True)
    assert Folder((one, other)).as_bytes() == Folder((other, one)).as_bytes()


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "a//b", "", ".", "a\0b", "x" * 300])
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"no relative path|too long"):
        check_paths([path])


def test_a_file_is_not_also_a_folder() -> None:
    with pytest.raises(ValueError, match="a file and a folder"):
        check_paths(["a", "a/b"])
    with pytest.raises(ValueError, match="twice"):
        check_paths(["a", "a"])


@pytest.mark.parametrize(
    "content", [b"", b"{}", MAGIC, MAGIC + b"{}", MAGIC + b'{"files":[["a"]],"folders":[]}']
)
def test_what_is_no_folder_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        folder_from_bytes(content)
