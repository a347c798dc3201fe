"""Clean-up of storage: whatever is named by anything stays, whoever is at work meanwhile; the rest goes."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyloom.core.artifact import Artifact
from skyloom.core.blob import Blob, BlobRef
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.dataset import Dataset
from skyloom.core.document import Document
from skyloom.core.endpoint import Bound, Endpoint, WebService
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.graph import DataNode, Graph, PortRef
from skyloom.core.identity import Digest, NodeId, digest_of
from skyloom.core.problem import ProblemError
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.blobs_sql import SqlBlobs
from skyloom.stores.documents_sql import SqlDocuments
from skyloom.stores.endpoints_sql import SqlEndpoints
from skyloom.stores.record_references import RecordReferences
from skyloom.stores.small_files import HomeFiles
from skyloom.workspace.registry import Registry
from skyloom.workspace.storage import Storage
from tests.contracts.rooms import (
    FINISH,
    START,
    TO_RUNNING,
    Room,
    chain,
    claimed,
    completed,
    sqlite_room,
    step,
    submitted,
)

NOW = "2026-01-01T00:00:00Z"
LONG_AGO = 7200.0


@dataclass
class Home:
    """A workspace's home with real records and real content, and nobody at work in it."""

    folder: Path
    room: Room
    artifacts: ArtifactsFolder
    storage: Storage

    def content(self, text: str) -> Artifact:
        """Stored content that nobody names yet, and nobody has used for two hours."""
        made = self.artifacts.add_bytes(text.encode(), text, "File", "file", "text/plain")
        self.age(made.digest)
        return made

    def age(self, digest: Digest) -> None:
        at = time.time() - LONG_AGO
        os.utime(self.artifacts.path_of(digest), (at, at))

    def clean(self, part: str = "results") -> int:
        """How many files a clean-up removed; a dry run just before said the same."""
        (said,) = self.storage.clean([part]).parts
        (done,) = self.storage.clean([part], dry_run=False).parts
        assert (said.files, said.size_bytes) == (done.files, done.size_bytes)
        return done.files

    def is_there(self, artifact: Artifact) -> bool:
        return self.artifacts.path_of(artifact.digest).exists()


@contextmanager
def open_home(folder: Path) -> Iterator[Home]:
    for name in ("runs", "exports", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    room = sqlite_room(folder)
    assert room.database is not None
    artifacts = ArtifactsFolder(folder / "artifacts")
    references = RecordReferences(room.database, folder)
    try:
        yield Home(folder, room, artifacts, Storage(folder, artifacts, references, lambda: (0, 0)))
    finally:
        room.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path) as opened:
        yield opened


# --- whoever may keep content: each gives a way to let go of it -------------------------------------------

Forget = Callable[[], object]


def by_dataset(home: Home, artifact: Artifact) -> Forget:
    name = f"data {artifact.digest[7:]}"
    home.room.datasets.save(Dataset(name, 0, artifact, NOW))
    return lambda: home.room.datasets.delete(name, 0)


def by_run(home: Home, artifact: Artifact) -> Forget:
    """An output of a node of a run that has ended."""
    run = submitted(home.room, chain(1))
    claim = claimed(home.room)
    done = completed(run.nodes[0], digest_of("print"), outputs={"Result dataset": artifact})
    home.room.records.change(claim, [done], replace(START, path=(*START.path, *FINISH.path)))
    return lambda: home.room.records.delete(run.id)


def by_graph(home: Home, artifact: Artifact) -> Forget:
    """The graph of a run reads it, and no node has run yet."""
    data = DataNode(NodeId("data"), DataReference(ARTIFACT_STORE, artifact.digest), artifact.type, "data")
    graph = chain(1)
    run = submitted(home.room, replace(graph, nodes=(data, *graph.nodes)))
    claim = claimed(home.room)
    home.room.records.change(claim, [], replace(START, path=(*START.path, *FINISH.path)))
    return lambda: home.room.records.delete(run.id)


def by_registry(home: Home, artifact: Artifact) -> Forget:
    registry = Registry(HomeFiles(home.folder))
    entry = registry.add_entry("models", "net", {}, [artifact.digest])
    return lambda: registry.remove_entry("models", "net", entry.version)


def by_blob(home: Home, artifact: Artifact) -> Forget:
    assert home.room.database is not None
    blobs, ref = SqlBlobs(home.room.database), BlobRef("c", artifact.digest)
    blobs.put(Blob(ref, artifact, NOW))
    return lambda: blobs.delete(ref)


def by_endpoint(home: Home, artifact: Artifact) -> Forget:
    assert home.room.database is not None
    endpoints, id = SqlEndpoints(home.room.database), artifact.digest[7:39]
    bound = (Bound(PortRef(NodeId("model"), "data"), artifact),)
    endpoint = Endpoint(f"{id[1:]}0", id, "default", NOW, Graph((), (), {}), id, f"{id}2", bound=bound)
    endpoints.add_service(WebService(id, "s", NOW), endpoint)
    return lambda: endpoints.delete_service(id)


def by_document(home: Home, artifact: Artifact) -> Forget:
    assert home.room.database is not None
    documents = SqlDocuments(home.room.database)
    documents.add(Document("pipeline", artifact.digest, {"snapshot": artifact.digest}))
    return lambda: documents.remove("pipeline", artifact.digest)


def by_file(home: Home, artifact: Artifact) -> Forget:
    """A registered dataset's definition, beside the database."""
    file = home.folder / "definitions" / f"{artifact.digest[7:]}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'{{"sources": ["{artifact.digest}"]}}', encoding="ascii")
    return file.unlink


def by_folder(home: Home, artifact: Artifact) -> Forget:
    """A dataset that is a folder with the file in it: it names the content in its own bytes alone."""
    kept = home.artifacts.add_folder(Folder((FolderFile("f", artifact.digest, artifact.size),)), "folder")
    home.age(kept.digest)
    home.age(artifact.digest)
    return by_dataset(home, kept)


KEEPERS = (by_dataset, by_run, by_graph, by_registry, by_blob, by_endpoint, by_document, by_file, by_folder)


@pytest.mark.parametrize("keeps", KEEPERS, ids=lambda keeps: keeps.__name__)
def test_content_stays_as_long_as_somebody_keeps_it_and_then_goes(home: Home, keeps: Any) -> None:
    wanted, loose = home.content("wanted"), home.content("loose")
    forget = keeps(home, wanted)
    home.age(wanted.digest)
    assert home.clean() == 1
    assert home.is_there(wanted) and not home.is_there(loose)
    forget()
    assert home.clean() >= 1
    assert not home.is_there(wanted)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(KEEPERS), st.integers(0, 3), st.booleans()), max_size=12))
def test_exactly_what_is_named_is_left(plan: list[tuple[Any, int, bool]]) -> None:
    """Any content, kept by any of them, some of which let go again."""
    with tempfile.TemporaryDirectory() as folder, open_home(Path(folder)) as home:
        contents = [home.content(f"content {place}") for place in range(4)]
        kept = set()
        done = set()
        for keeps, place, lets_go in plan:
            if (keeps, place) in done and keeps is not by_run:
                continue  # one keeper names one content once
            done.add((keeps, place))
            forget = keeps(home, contents[place])
            if lets_go:
                forget()
            else:
                kept.add(place)
        for path in (home.folder / "artifacts").glob("??/*"):
            os.utime(path, (0, 0))
        home.clean()
        assert [home.is_there(one) for one in contents] == [place in kept for place in range(4)]
        assert home.clean() == 0


def test_what_is_young_stays_whoever_names_it(home: Home) -> None:
    fresh = home.artifacts.add_bytes(b"on its way", "x", "File", "file", "text/plain")
    assert home.clean() == 0
    assert home.is_there(fresh)


def test_content_that_is_asked_for_is_young_again_with_all_it_needs(home: Home) -> None:
    inner = home.content("inner")
    outer = home.artifacts.add_folder(Folder((FolderFile("f", inner.digest, inner.size),)), "outer")
    home.age(inner.digest)
    home.age(outer.digest)
    assert home.artifacts.exists(outer)
    assert home.clean() == 0
    assert home.is_there(inner) and home.is_there(outer)


def test_nothing_is_lost_to_those_who_work_while_it_is_cleaned(home: Home) -> None:
    """Each asks whether old content is there, and names it if so, as a run does that takes a result over."""
    ending, faults = threading.Event(), []

    def works(mine: list[Artifact]) -> None:
        turn = 0
        while not ending.is_set():
            artifact = mine[turn % len(mine)]
            turn += 1
            if not home.artifacts.exists(artifact):
                home.artifacts.add_bytes(artifact.name.encode(), artifact.name, "File", "file", "text/plain")
            time.sleep(0.001)  # where another might come between
            forget = by_dataset(home, artifact)
            if not home.is_there(artifact):
                faults.append(artifact.name)
            forget()
            home.age(artifact.digest)

    people = [
        threading.Thread(target=works, args=([home.content(f"{who} {place}") for place in range(5)],))
        for who in range(4)
    ]
    for one in people:
        one.start()
    removed = 0
    until = time.monotonic() + 2.0
    while time.monotonic() < until:
        removed += home.storage.clean(["results"], dry_run=False).parts[0].files
    ending.set()
    for one in people:
        one.join()
    assert not faults
    assert removed > 10, "nothing was cleaned meanwhile: the test tests nothing"


def test_a_clean_up_while_a_run_goes_on_leaves_what_it_has_made(home: Home) -> None:
    made = home.content("made by the first node")
    run = submitted(home.room, chain(2))
    claim = claimed(home.room)
    change = completed(run.nodes[0], digest_of("print"), outputs={"Result dataset": made})
    home.room.records.change(claim, [change], START)
    home.room.records.change(claim, [step(run.nodes[1], *TO_RUNNING)])
    assert home.clean() == 0
    assert home.is_there(made)


def test_who_made_content_is_told_as_long_as_the_run_is_there(home: Home) -> None:
    made, other = home.content("made"), home.content("uploaded")
    forget = by_run(home, made)
    maker = home.storage.maker(made.digest)
    assert maker is not None and (maker.node, maker.experiment) == ("n0", "Titanic")
    assert home.storage.maker(other.digest) is None
    forget()
    assert home.storage.maker(made.digest) is None


# --- the other parts --------------------------------------------------------------------------------------


def old_file(path: Path, content: bytes = b"12345") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (0, 0))
    return path


@pytest.mark.parametrize(
    ("part", "place"), [("exports", "exports"), ("fetched", "cache/ab"), ("damaged", "artifacts/damaged")]
)
def test_what_is_made_again_goes_when_it_is_old(home: Home, part: str, place: str) -> None:
    old, young = old_file(home.folder / place / "old"), home.folder / place / "young"
    young.write_bytes(b"1")
    assert home.clean(part) == 1
    assert young.exists() and not old.exists()


def test_logs_of_runs_that_are_gone_go(home: Home) -> None:
    run = submitted(home.room)
    kept, lost = home.folder / "runs" / run.id, home.folder / "runs" / "gone"
    for folder in (kept, lost):
        old_file(folder / "n1" / "logs" / "stdout.txt")
        os.utime(folder, (0, 0))
    assert home.clean("logs") == 1
    assert (kept / "n1").exists() and not lost.exists()


def test_a_dry_run_removes_nothing_and_names_the_largest(home: Home) -> None:
    small, large = home.content("s"), home.content("l" * 100)
    (part,) = home.storage.clean(["results"]).parts
    assert (part.files, part.size_bytes, part.examples) == (2, 101, (large.digest, small.digest))
    assert home.is_there(small) and home.is_there(large)


@pytest.mark.parametrize("parts", [[], ["records"], ["results", "../x"]])
def test_a_part_that_is_none_is_refused(home: Home, parts: list[str]) -> None:
    with pytest.raises(ProblemError, match="W380"):
        home.storage.clean(parts, dry_run=False)


def test_use_counts_each_byte_once_by_who_keeps_it(home: Home) -> None:
    both, loose = home.content("both"), home.content("loose!")
    by_registry(home, both)
    by_dataset(home, both)
    kinds = {one.kind: (one.files, one.size_bytes) for one in home.storage.use().kinds}
    assert (kinds["models"], kinds["datasets"], kinds["unreachable"]) == ((1, 4), (0, 0), (1, 6))
    assert loose.size == 6
