"""What every store of datasets promises (engine/ports.py, Datasets)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from tests.contracts.rooms import Room, artifact


def _dataset(content: str, name: str = "titanic.csv") -> Dataset:
    return Dataset(
        name, 0, artifact(content), "2024-05-01T10:00:00.000Z", "passengers", {"rows": 3, "of": None}
    )


def test_a_saved_dataset_reads_back_under_its_version(room: Room) -> None:
    kept = room.datasets.save(_dataset("a"))
    assert kept.version == 1
    room.reopen()
    assert room.datasets.find(DatasetVersion("titanic.csv", 1)) == kept
    assert room.datasets.find(DatasetVersion("titanic.csv")) == kept


def test_other_content_becomes_the_next_version_and_the_newest(room: Room) -> None:
    first, second = room.datasets.save(_dataset("a")), room.datasets.save(_dataset("b"))
    assert (first.version, second.version) == (1, 2)
    assert room.datasets.find(DatasetVersion("titanic.csv")) == second
    assert room.datasets.versions("titanic.csv") == [second, first]


def test_equal_content_of_the_newest_version_is_that_version(room: Room) -> None:
    room.datasets.save(_dataset("a"))
    second = room.datasets.save(_dataset("b"))
    assert room.datasets.save(_dataset("b")) == second
    assert room.datasets.save(_dataset("a")).version == 3


def test_all_lists_the_newest_of_each_name_by_name(room: Room) -> None:
    for content, name in (("a", "beta"), ("b", "alpha"), ("c", "beta")):
        room.datasets.save(_dataset(content, name))
    assert [(one.name, one.version) for one in room.datasets.all()] == [("alpha", 1), ("beta", 2)]


def test_what_was_never_saved_is_not_there(room: Room) -> None:
    assert room.datasets.find(DatasetVersion("nobody")) is None
    assert room.datasets.versions("nobody") == []
    assert room.datasets.all() == []
    assert room.datasets.delete("nobody") == 0


def test_one_version_or_all_can_be_deleted(room: Room) -> None:
    for content in "abc":
        room.datasets.save(_dataset(content))
    assert room.datasets.delete("titanic.csv", 2) == 1
    assert [one.version for one in room.datasets.versions("titanic.csv")] == [3, 1]
    assert room.datasets.delete("titanic.csv") == 2
    assert room.datasets.all() == []


def test_a_deleted_version_never_means_other_content(room: Room) -> None:
    room.datasets.save(_dataset("a"))
    room.datasets.save(_dataset("b"))
    room.datasets.delete("titanic.csv", 2)
    room.reopen()
    assert room.datasets.save(_dataset("c")).version == 3
    room.datasets.delete("titanic.csv")
    assert room.datasets.save(_dataset("a")).version == 4


def test_names_of_any_letters_are_kept(room: Room) -> None:
    for name in ("données d'été", "'; drop table datasets; --", "%s %(x)s :x", "\U0001f600"):
        assert room.datasets.save(_dataset("a", name)).name == name
        assert room.datasets.find(DatasetVersion(name)) is not None


def test_content_of_datasets_is_in_use_while_they_are_kept(room: Room) -> None:
    room.datasets.save(_dataset("a"))
    assert room.records.artifacts_in_use() == {artifact("a").digest}
    room.datasets.delete("titanic.csv")
    assert room.records.artifacts_in_use() == set()


def test_saves_of_many_threads_get_versions_without_gap(room: Room) -> None:
    with ThreadPoolExecutor(6) as threads:
        kept = list(threads.map(lambda number: room.datasets.save(_dataset(str(number))), range(18)))
    assert sorted(one.version for one in kept) == list(range(1, 19))
