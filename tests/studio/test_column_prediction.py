from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Experiment, ExperimentId
from skyloom.core.graph_file import graph_from_document
from skyloom.core.identity import digest_of
from skyloom.core.problem import ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.modules.catalogue import load_catalogue
from skyloom.studio.column_prediction import ColumnPrediction
from tests.studio.desk import Desk, document, script
from tests.studio.test_scoring import module

CATALOGUE = load_catalogue()
ADULT = (
    ColumnAttributes("age", "Integer"),
    ColumnAttributes("pay", "Double"),
    ColumnAttributes("name", "String"),
    ColumnAttributes("kind", "Categorical", underlying="String"),
)
OTHER = (ColumnAttributes("age", "Double"), ColumnAttributes("land", "String"))
TABLES = {"Adult": ADULT, "Other": OTHER}


def columns(nodes: dict[str, Any], node: str, port: str = "") -> tuple[list[tuple[str, str]], int]:
    """Names and types at an input of a node, and how sure they are."""
    top = {"data": {"dataset": "Adult"}, "other": {"dataset": "Other"}, **nodes}
    graph, view = graph_from_document({"schema_version": 1, "name": "x", "nodes": top}, CATALOGUE)
    new = ExperimentId("x")

    def find(wanted: DatasetVersion) -> Artifact | None:
        return Artifact(digest_of(wanted.name), wanted.name, "Dataset", "output", "", 0)

    prediction = ColumnPrediction(Experiment(new, new, graph, view), {}, lambda one: TABLES[one.name], find)
    schema: Any = prediction.at_input(node, port).schema
    return [(one["name"], one["type"]) for one in schema["columnAttributes"]], schema["isInaccurate"]


def after(body: dict[str, Any], port: str = "") -> tuple[list[tuple[str, str]], int]:
    """What comes out of a module, seen at a converter behind it."""
    source = f"it.{port}" if port else "it"
    return columns({"it": body, "behind": module("Convert to CSV", Dataset=source)}, "behind")


ALL = [("age", "Numeric"), ("pay", "Numeric"), ("name", "String"), ("kind", "Categorical")]


def test_the_columns_of_a_dataset_are_sure() -> None:
    assert columns({"x": module("Convert to CSV", Dataset="data")}, "x") == (ALL, 0)


def test_a_selection_is_followed_in_its_order() -> None:
    body = module("Select Columns in Dataset", {"Select Columns": ["name", "age"]}, Dataset="data")
    assert after(body) == ([("name", "String"), ("age", "Numeric")], 0)


def test_a_selection_that_does_not_fit_falls_back_to_what_goes_in() -> None:
    body = module("Select Columns in Dataset", {"Select Columns": ["nobody"]}, Dataset="data")
    assert after(body) == (ALL, 2)


def test_rows_may_go_without_a_doubt_about_columns() -> None:
    assert after(module("Split Data", Dataset="data"), "Results dataset2") == (ALL, 0)


def test_metadata_edits_are_followed() -> None:
    body = module(
        "Edit Metadata",
        {
            "Column": ["age", "name"],
            "Data Type": "String",
            "Categorical": "Categorical",
            "New Column Name": "A, B",
        },
        Dataset="data",
    )
    assert after(body) == ([("A", "Categorical"), ("pay", "Numeric"), ("B", "Categorical"), ALL[3]], 0)


def test_cleaning_adds_indicators_and_may_drop_columns_that_cells_decide() -> None:
    picks = {"Columns to be cleaned": ["age"], "Generate missing value indicator column": True}
    names, sure = after(module("Clean Missing Data", picks, Dataset="data"))
    assert (names[-1], sure) == (("age_IsMissing", "Binary"), 1)
    drops = {"Columns to be cleaned": ["age"], "Cleaning mode": "Remove entire column"}
    assert after(module("Clean Missing Data", drops, Dataset="data")) == (ALL, 1)


def test_columns_side_by_side_and_joined_are_named_apart() -> None:
    beside = module("Add Columns", Left_dataset="data", Right_dataset="other")
    assert [name for name, _ in after(beside)[0]] == ["age", "pay", "name", "kind", "age(2)", "land"]
    keys = {
        "Comma-separated case-sensitive names of join key columns for L": ["age"],
        "Comma-separated case-sensitive names of join key columns for R": ["age"],
    }
    joined = module("Join Data", keys, Dataset1="data", Dataset2="other")
    assert [name for name, _ in after(joined)[0]] == ["age", "pay", "name", "kind", "age (2)", "land"]
    without = {**keys, "Keep right key columns in joined table": False}
    joined = module("Join Data", without, Dataset1="data", Dataset2="other")
    assert [name for name, _ in after(joined)[0]] == ["age", "pay", "name", "kind", "land"]


def test_a_module_without_a_rule_gives_the_union_of_what_goes_in() -> None:
    found, sure = after(module("Execute Python Script", Dataset1="data", Dataset2="other"))
    assert [name for name, _ in found] == ["age", "pay", "name", "kind", "land"] and sure == 2


def test_doubt_travels_downstream() -> None:
    nodes = {
        "script": module("Execute Python Script", Dataset1="data"),
        "split": module("Split Data", Dataset="script"),
        "last": module("Convert to CSV", Dataset="split"),
    }
    assert columns(nodes, "last") == (ALL, 2)


def test_a_port_that_nothing_enters_has_no_columns() -> None:
    assert columns({"x": module("Execute Python Script", Dataset1="data")}, "x", "Dataset2") == ([], 2)


def test_an_unknown_node_or_port_is_told() -> None:
    for node, port, code in (("y", "", "G001"), ("x", "Datasets", "G002")):
        with pytest.raises(ProblemError) as told:
            columns({"x": module("Convert to CSV", Dataset="data")}, node, port)
        assert told.value.problem.code == code


def test_a_result_that_still_holds_is_seen_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    nodes = {"a": script(), "b": script(Dataset1="a")}
    desk.create(nodes)
    assert not desk.api.predict_columns("Income", "b").observed
    desk.run("Income")
    seen: Any = desk.api.predict_columns("Income", "b")
    assert seen.observed and [one["name"] for one in seen.schema["columnAttributes"]] == ["a", "b"]
    nodes["a"]["parameters"]["Python Script"] = "print(2)"
    desk.api.edit_experiment("Income", document(nodes))
    assert not desk.api.predict_columns("Income", "b").observed
