"""SharedRunFolders: what a node said is there for the other machines, once they see its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.stores.remote_files import Entry
from skyloom.stores.shared_store import FolderFiles
from skyloom.workspace.run_folders import SharedRunFolders


class Counted(FolderFiles):
    """A team's store that counts how often it is looked through."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.looks = 0

    def entries(self, path: str) -> list[Entry]:
        self.looks += 1
        return super().entries(path)


class Machine:
    def __init__(self, home: Path, store: Path) -> None:
        self.files = Counted(store)
        self.runs = home / "runs"
        self.folders = SharedRunFolders(self.runs, self.files)

    def node(self, name: str) -> Path:
        return self.runs / "run" / name


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    pair = Machine(tmp_path / "one", tmp_path / "store"), Machine(tmp_path / "other", tmp_path / "store")
    yield pair
    for machine in pair:
        machine.folders.close()


def test_logs_of_a_node_that_ended_are_fetched(machines: tuple[Machine, Machine]) -> None:
    one, other = machines
    log = one.node("n") / "logs" / "stdout.txt"
    one.folders.opened(str(one.node("n")))
    log.parent.mkdir(parents=True)
    log.write_text("said")
    one.folders.closed(str(one.node("n")))
    other.folders.fetch(str(other.node("n")), is_over=True)
    assert (other.node("n") / "logs" / "stdout.txt").read_text() == "said"


@pytest.mark.parametrize("says", [True, False])
def test_the_store_is_looked_through_once_for_a_node_that_ended(
    machines: tuple[Machine, Machine], says: bool
) -> None:
    one, other = machines
    one.folders.opened(str(one.node("n")))
    if says:
        (one.node("n")).mkdir(parents=True)
        (one.node("n") / "log.txt").write_text("said")
    one.folders.closed(str(one.node("n")))
    for _ in range(3):
        other.folders.fetch(str(other.node("n")), is_over=True)
    assert other.files.looks == 1
