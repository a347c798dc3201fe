"""Datasets of the SDK over the real parts of a workspace, without an agent (sdk.md 6)."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from skyloom.sdk.data_type import DataType
from skyloom.sdk.dataset import Dataset
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.dataset_factory import DatasetValidationError
from skyloom.sdk.exceptions import DatasetTimestampMissingError, UserErrorException
from skyloom.sdk.file_dataset import FileDataset
from skyloom.sdk.tabular_dataset import TabularDataset
from skyloom.sdk.workspace import Workspace


@pytest.fixture
def stored(ws: Workspace, tmp_path: Path) -> Workspace:
    for name in ("wa/2020/a.csv", "wa/2021/b.csv", "or/2020/c.csv", "notes.txt"):
        file = tmp_path / "up" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"x,y\n1,{name[-5]}\n")
    ws.get_default_datastore().upload(os.fspath(tmp_path / "up"), "in", show_progress=False)
    return ws


def test_patterns_folders_files_and_lists_lead_to_files(stored: Workspace) -> None:
    store = stored.get_default_datastore()

    def paths(path: object) -> list[str]:
        return [one.removeprefix("/in/") for one in Dataset.File.from_files(path).to_path()]

    assert paths((store, "in/**/*.csv")) == ["or/2020/c.csv", "wa/2020/a.csv", "wa/2021/b.csv"]
    assert paths((store, "in/*/2020/?.csv")) == ["or/2020/c.csv", "wa/2020/a.csv"]
    assert paths((store, "/in/wa")) == ["wa/2020/a.csv", "wa/2021/b.csv"]
    assert paths([(store, "in/notes.txt"), (store, "in/or")]) == ["notes.txt", "or/2020/c.csv"]
    assert paths((store, ["in/notes.txt", "in/or"])) == ["notes.txt", "or/2020/c.csv"]
    assert paths(store.path("in/or")) == ["or/2020/c.csv"]
    assert paths((store, "in/[ow]*/2021/*")) == ["wa/2021/b.csv"]


def test_a_path_that_leads_nowhere_is_told_unless_validation_is_off(stored: Workspace) -> None:
    store = stored.get_default_datastore()
    with pytest.raises(DatasetValidationError, match=r"P243.*in/none"):
        Dataset.File.from_files((store, "in/none/*.csv"))
    assert Dataset.File.from_files((store, "in/none"), validate=False).to_path() == []
    with pytest.raises(DatasetValidationError, match=r"no column 'z'"):
        Dataset.Tabular.from_delimited_files((store, "in/or"), set_column_types={"z": DataType.to_long()})
    with pytest.raises(UserErrorException, match="no web address"):
        Dataset.File.from_files("data/a.csv")


def test_versions_names_and_ids(stored: Workspace) -> None:
    store = stored.get_default_datastore()
    first = Dataset.File.from_files((store, "in/wa"))
    kept = first.register(stored, "wa", tags={"a": "1.5"})
    assert (kept.name, kept.version, kept.tags, kept.id) == ("wa", 1, {"a": "1.5"}, first.id)
    assert first.register(stored, "wa").version == 1  # the same definition under the same name
    second = Dataset.File.from_files((store, "in/or"))
    with pytest.raises(UserErrorException, match=r"P241.*create_new_version"):
        second.register(stored, "wa")
    assert second.register(stored, "wa", create_new_version=True).version == 2
    with pytest.raises(UserErrorException, match=r"P241.*'wa'"):
        second.register(stored, "other")
    assert Dataset.get_by_name(stored, "wa").id == second.id
    assert Dataset.get_by_name(stored, "wa", version=1).id == first.id
    assert Dataset.get_by_id(stored, first.id).to_path() == first.to_path()
    for wrong in ({"name": "nothing"}, {"name": "wa", "version": 3}):
        with pytest.raises(UserErrorException, match="Cannot find dataset"):
            Dataset.get_by_name(stored, **wrong)
    with pytest.raises(UserErrorException, match="P240"):
        Dataset.get_by_id(stored, "../secrets/datastores")


def test_the_workspace_maps_names_to_datasets(stored: Workspace) -> None:
    assert not stored.datasets and "wa" not in stored.datasets and stored.datasets.get("wa") is None
    made = Dataset.File.from_files((stored.get_default_datastore(), "in/wa")).register(stored, "wa")
    assert list(stored.datasets) == ["wa"] and stored.datasets["wa"] == made
    with pytest.raises(KeyError):
        stored.datasets["other"]
    changed = made.add_tags({"k": "v"}).update(description="new")
    assert Dataset.get_by_name(stored, "wa").tags == {"k": "v"} and changed.description == "new"
    made.unregister_all_versions()
    assert "wa" not in stored.datasets


def test_the_same_definition_has_the_same_id(stored: Workspace) -> None:
    store = stored.get_default_datastore()
    one, same, other = (
        Dataset.Tabular.from_delimited_files((store, path)) for path in ("in/wa", "in/wa", "in/or")
    )
    assert one.id == same.id != other.id and one == same and one != other
    assert one.take(1).id != one.id and len(one.id) == 36


def test_files_are_downloaded_with_their_path_in_the_store(stored: Workspace, tmp_path: Path) -> None:
    files = Dataset.File.from_files((stored.get_default_datastore(), "in/wa"))
    made = files.download(os.fspath(tmp_path / "down"))
    assert made == [os.fspath(tmp_path / "down" / path.strip("/")) for path in files.to_path()]
    with pytest.raises(UserErrorException, match="overwrite"):
        files.download(os.fspath(tmp_path / "down"))
    with files.mount() as mounted:
        assert os.path.isfile(os.path.join(mounted.mount_point, "in/wa/2020/a.csv"))
    assert not os.path.exists(mounted.mount_point)
    assert len(files.take(1).to_path()) == 1 and files.skip(1).to_path() == files.to_path()[1:]
    first, second = files.random_split(0.5, seed=1)
    assert sorted(first.to_path() + second.to_path()) == files.to_path()


def test_partitions(stored: Workspace) -> None:
    store = stored.get_default_datastore()
    pattern = "in/{state}/{year}/*.csv"
    files = Dataset.File.from_files((store, "in/**/*.csv"), partition_format=pattern)
    assert files.partition_keys == ["state", "year"]
    assert files.get_partition_key_values(["state"]) == [{"state": "or"}, {"state": "wa"}]
    table = Dataset.Tabular.from_delimited_files((store, "in/**/*.csv"), partition_format=pattern)
    made = table.partition_by(["state"], (store, "parts"), "by state", show_progress=False)
    assert made.partition_keys == ["state"] and made.name == "by state"
    assert made.to_pandas_dataframe().groupby("state").size().to_dict() == {"or": 1, "wa": 2}


def test_a_frame_is_registered_as_a_table(ws: Workspace) -> None:
    store = ws.get_default_datastore()
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    made = Dataset.Tabular.register_pandas_dataframe(frame, (store, "frames"), "mine", show_progress=False)
    assert made.version == 1 and type(ws.datasets["mine"]) is TabularDataset
    assert made.to_pandas_dataframe()["a"].tolist() == [1, 2]
    csv = made.to_csv_files()
    assert type(csv) is FileDataset and csv.to_path()[0].endswith("part-00000.csv")
    again = Dataset.Tabular.register_pandas_dataframe(frame, (store, "frames"), "mine", show_progress=False)
    assert again.version == 2  # a path of its own each time


def test_times_raise_the_old_error(stored: Workspace) -> None:
    table = Dataset.Tabular.from_delimited_files((stored.get_default_datastore(), "in/wa"))
    with pytest.raises(DatasetTimestampMissingError):
        table.time_recent(pd.Timedelta(days=1).to_pytimedelta())


def test_consumption_keeps_the_old_rules(stored: Workspace) -> None:
    store = stored.get_default_datastore()
    files = Dataset.File.from_files((store, "in/wa"))
    table = Dataset.Tabular.from_delimited_files((store, "in/wa"))
    named = files.as_named_input("data")
    assert (named.mode, named.as_mount().mode, named.mode) == ("direct", "mount", "direct")
    assert str(named) == "DatasetConsumptionConfig:data"
    assert files.as_mount().name == files.as_mount().name == f"input_{files.id.partition('-')[0]}"
    with pytest.raises(UserErrorException, match="as mount"):
        table.as_named_input("data").as_mount()
    with pytest.raises(UserErrorException, match="no name"):
        files.as_named_input("1 data")
    files.register(stored, "wa")
    assert DatasetConsumptionConfig("x", (stored, "wa")).dataset.id == files.id
