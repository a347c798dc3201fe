"""Folders of two machines over one shared store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import digest_of_bytes
from skyloom.core.problem import ProblemError
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.shared_content import SharedContent
from skyloom.stores.shared_store import SharedStore, StoreFiles
from tests.azurite import ACCOUNT, KEY, Azurite, started_azurite


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with started_azurite(tmp_path_factory.mktemp("azurite")) as found:
        yield found


@pytest.fixture(params=["file", "az"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SharedStore:
    if request.param == "file":
        return SharedStore(f"file://{tmp_path / 'shared'}")
    found: Azurite = request.getfixturevalue("azurite")
    made = SharedStore(f"az://team/{tmp_path.name}", {"AZURE_STORAGE_CONNECTION_STRING": azurite_line(found)})
    made.check()
    return made


@pytest.fixture
def files(store: SharedStore) -> StoreFiles:
    return store.part("artifacts")


def machine(folder: Path, files: StoreFiles) -> ArtifactsFolder:
    return ArtifactsFolder(folder, SharedContent(files))


def test_what_one_machine_keeps_the_other_stages(tmp_path: Path, files: StoreFiles) -> None:
    one, two = machine(tmp_path / "1", files), machine(tmp_path / "2", files)
    made = one.add_bytes(b"hello", "greeting", "File", "file", "text/plain")
    assert two.exists(made)
    assert Path(two.stage(made).path).read_bytes() == b"hello"
    assert two.stage(made).path.startswith(str(tmp_path / "2"))


def test_a_folder_comes_with_its_files(tmp_path: Path, files: StoreFiles) -> None:
    one, two = machine(tmp_path / "1", files), machine(tmp_path / "2", files)
    parts = [one.add_bytes(text, "part", "File", "file", "text/plain") for text in (b"a", b"bc")]
    listed = Folder(tuple(FolderFile(f"{n}.txt", part.digest, part.size) for n, part in enumerate(parts)))
    made = one.add_folder(listed, "out")
    assert sorted(Path(path).read_bytes() for path in two.stage(made).files.values()) == [b"a", b"bc"]
    assert two.missing(part.digest for part in parts) == []
    lost = digest_of_bytes(b"lost")
    assert two.missing([parts[0].digest, lost]) == [lost]


def test_what_is_damaged_or_gone_here_is_fetched_again(tmp_path: Path, files: StoreFiles) -> None:
    one = machine(tmp_path / "1", files)
    made = one.add_bytes(b"hello", "greeting", "File", "file", "text/plain")
    path = Path(one.stage(made).path)
    path.chmod(0o644)
    path.write_bytes(b"jello")
    assert Path(one.stage(made).path).read_bytes() == b"hello"
    os.unlink(path)
    assert Path(one.stage(made).path).read_bytes() == b"hello"


def test_what_is_damaged_in_the_store_is_refused(tmp_path: Path, files: StoreFiles) -> None:
    one, two = machine(tmp_path / "1", files), machine(tmp_path / "2", files)
    made = one.add_bytes(b"hello", "greeting", "File", "file", "text/plain")
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"jello")
    files.put(str(wrong), f"{made.digest[7:9]}/{made.digest[9:]}")
    with pytest.raises(ProblemError, match="R011"):
        two.stage(made)


def test_a_folder_that_was_not_shared_from_its_first_day_sends_what_it_has(
    tmp_path: Path, files: StoreFiles
) -> None:
    made = ArtifactsFolder(tmp_path / "1").add_bytes(b"old", "old", "File", "file", "text/plain")
    machine(tmp_path / "1", files).share_all()
    assert Path(machine(tmp_path / "2", files).stage(made).path).read_bytes() == b"old"


def test_files_of_a_store(tmp_path: Path, files: StoreFiles) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"12345")
    files.put(str(source), "a/b.txt")
    files.put(str(source), "a/c/d.txt")
    assert [(one.path, one.size) for one in files.entries("a")] == [("a/b.txt", 5), ("a/c/d.txt", 5)]
    assert [one.path for one in files.entries("a/b.txt")] == ["a/b.txt"]
    assert files.entries("nothing") == []
    assert files.exists("a/b.txt") and not files.exists("a") and not files.exists("x")
    files.remove("a")
    assert files.entries("a") == []


@pytest.mark.parametrize(
    "address",
    ["", "team", "file://", "file://host/x", "ftp://x/y", "az://", "s3://key:sesame@bucket/x", "az://a/b"],
)
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(ProblemError, match="C151") as found:
        SharedStore(address, {})
    assert "sesame" not in str(found.value)


def test_a_store_that_lets_nobody_in_tells_no_secret(azurite: Azurite) -> None:
    wrong = KEY[:-4] + "AA=="
    store = SharedStore("az://team/x", {"AZURE_STORAGE_CONNECTION_STRING": azurite_line(azurite, wrong)})
    with pytest.raises(ProblemError, match="C151") as found:
        store.part("artifacts").exists("x")
    assert wrong not in str(found.value)


def azurite_line(azurite: Azurite, key: str = KEY) -> str:
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};"
        f"BlobEndpoint=http://{azurite.host}/{ACCOUNT};"
    )
