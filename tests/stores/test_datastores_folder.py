from __future__ import annotations

import io
from pathlib import Path

import pytest

from skyloom.core.data_reference import DataReference
from skyloom.core.problem import ProblemError
from skyloom.stores.datastores_folder import DatastoresFolder

BLOB = "workspaceblobstore"


@pytest.fixture
def stores(tmp_path: Path) -> DatastoresFolder:
    return DatastoresFolder(tmp_path)


def test_a_file_is_written_once_unless_asked(stores: DatastoresFolder) -> None:
    place = DataReference(BLOB, "a/b.txt")
    assert stores.write(place, io.BytesIO(b"one"), overwrite=False)
    assert not stores.write(place, io.BytesIO(b"two"), overwrite=False)
    assert Path(stores.path(place)).read_bytes() == b"one"
    assert stores.write(place, io.BytesIO(b"two"), overwrite=True)
    assert Path(stores.path(place)).read_bytes() == b"two"
    assert list(stores.files(DataReference(BLOB, "a"))) == [("a/b.txt", 3)]


@pytest.mark.parametrize("path", ["../x", "a/../../x", "a\0b"])
def test_a_path_stays_in_its_store(stores: DatastoresFolder, path: str) -> None:
    with pytest.raises(ProblemError, match="R311"):
        stores.stage(DataReference(BLOB, path))


def test_a_link_does_not_lead_out(stores: DatastoresFolder, tmp_path: Path) -> None:
    (tmp_path / BLOB / "way").symlink_to("/etc")
    with pytest.raises(ProblemError, match="R311"):
        stores.path(DataReference(BLOB, "way/passwd"))


def test_an_unknown_store_is_said(stores: DatastoresFolder) -> None:
    with pytest.raises(ProblemError, match="R310"):
        stores.stage(DataReference("other", ""))
    with pytest.raises(ProblemError, match="R312"):
        stores.path(DataReference(BLOB, "nothing"))


def test_what_is_placed_replaces(stores: DatastoresFolder, tmp_path: Path) -> None:
    for text in ("one", "two"):
        made = tmp_path / "made"
        made.mkdir()
        (made / text).write_text(text)
        stores.place(DataReference(BLOB, "azureml/out"), str(made))
    assert [path for path, _ in stores.files(DataReference(BLOB, ""))] == ["azureml/out/two"]
