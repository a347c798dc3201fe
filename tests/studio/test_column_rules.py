"""What the rules foretell, held to what the modules then give of real rows."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Experiment, ExperimentId
from skyloom.core.graph_file import graph_from_document
from skyloom.core.identity import digest_of
from skyloom.core.module import FunctionEntry
from skyloom.data.column_schema import STUDIO_TYPES
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.studio.column_prediction import ColumnPrediction
from skyloom.studio.column_rules import RULES
from tests.modules.running import CATALOGUE, checked_values, spec_of
from tests.studio.test_scoring import module

ROWS = 40
RANDOM = np.random.default_rng(1)
PEOPLE = table_from_frame(
    pd.DataFrame(
        {
            "age": RANDOM.integers(20, 60, ROWS),
            "pay": np.where(np.arange(ROWS) % 7, RANDOM.standard_normal(ROWS), np.nan),
            "words": [f"some plain words number {place % 5}" for place in range(ROWS)],
            "kind": pd.Categorical(np.array(["u", "v", "w"])[np.arange(ROWS) % 3]),
            "rich": np.array(["no", "yes"])[np.arange(ROWS) % 2],
            "code": np.arange(ROWS) % 3,
        }
    )
)
OTHERS = table_from_frame(pd.DataFrame({"age": np.arange(ROWS), "age_R": 1.5, "land": "x"}))
TABLES = {"People": PEOPLE, "Others": OTHERS}
ACCURATE, PERHAPS_FEWER, UNSURE = 0, 1, 2
KEYS = {
    "Comma-separated case-sensitive names of join key columns for L": ["age"],
    "Comma-separated case-sensitive names of join key columns for R": ["age"],
}
NUMBERS = ["age", "pay"]
LABEL = "Name or numerical index of the label column"


def given_and_foretold(nodes: dict[str, Any], node: str, port: str) -> tuple[Table, Any]:
    """The table that an output gives, and the schema that was predicted of it."""
    made: dict[str, Any] = dict(TABLES)
    for name, body in nodes.items():
        spec = spec_of(body["module"])
        inputs: dict[str, Any] = {each.name: None for each in spec.inputs}
        for each, source in body["inputs"].items():
            at, _, output = source.partition(".")
            inputs[each] = made[at] if at in TABLES else made[f"{at}.{output}"]
        assert isinstance(spec.entry, FunctionEntry)
        where, _, function = spec.entry.target.partition(":")
        values = checked_values(spec, body["parameters"])
        found = getattr(importlib.import_module(where), function)(inputs, values)
        made.update({f"{name}.{output}": content for output, content in found.items()})
    sources = {name: {"dataset": name} for name in TABLES}
    behind = module("Convert to CSV", Dataset=f"{node}.{port}")
    document: Any = {"schema_version": 1, "name": "x", "nodes": {**sources, **nodes, "behind": behind}}
    graph, view = graph_from_document(document, CATALOGUE)
    new = ExperimentId("x")

    def find(wanted: DatasetVersion) -> Artifact:
        return Artifact(digest_of(wanted.name), wanted.name, "Dataset", "output", "", 0)

    experiment = Experiment(new, new, graph, view)
    prediction = ColumnPrediction(experiment, {}, lambda one: TABLES[one.name].schema, find)
    table = made[f"{node}.{port}"]
    assert isinstance(table, Table)
    return table, prediction.at_input("behind").schema


def check(nodes: dict[str, Any], node: str, port: str, level: int = ACCURATE) -> None:
    table, schema = given_and_foretold(nodes, node, port)
    found = [(one.name, STUDIO_TYPES[one.type][0], one.is_feature) for one in table.schema]
    told = [(one["name"], one["type"], one["isFeature"]) for one in schema["columnAttributes"]]
    assert schema["isInaccurate"] == level
    if level == ACCURATE:
        assert told == found
    elif level == PERHAPS_FEWER:
        assert set(found) <= set(told)
    else:
        assert set(told) <= set(found)  # what is named is right; there may be more
    labels = {one.label_role: one.name for one in table.schema if one.label_role}
    assert schema["labelColumns"] == labels or level == PERHAPS_FEWER
    if level == ACCURATE:
        assert schema["scoreColumns"] == {o.score_role: o.name for o in table.schema if o.score_role}


DATA_MODULES: list[tuple[dict[str, Any], str, int]] = [
    (module("Split Data", Dataset="People"), "Results dataset2", ACCURATE),
    (module("Partition and Sample", Dataset="People"), "oDataset", ACCURATE),
    (
        module(
            "Remove Duplicate Rows", {"Key column selection filter expression": ["age"]}, Dataset="People"
        ),
        "Results dataset",
        ACCURATE,
    ),
    (module("Add Rows", Dataset1="People", Dataset2="People"), "Results dataset", ACCURATE),
    (module("SMOTE", {"Label column": ["code"]}, Samples="People"), "Table", ACCURATE),
    (module("Convert to Dataset", Dataset="People"), "Results dataset", ACCURATE),
    (
        module("Convert to Dataset", {"Action": "SetMissingValues"}, Dataset="People"),
        "Results dataset",
        UNSURE,
    ),
    *(
        (
            module(name, {**values, "Generation": generation}, **{left: "People", right: "Others"}),
            port,
            ACCURATE,
        )
        for name, values, left, right, port in (
            ("Add Columns", {}, "Left_dataset", "Right_dataset", "Combined dataset"),
            ("Join Data", KEYS, "Dataset1", "Dataset2", "Results dataset"),
            (
                "Join Data",
                {**KEYS, "Join type": "Full Outer Join"},
                "Dataset1",
                "Dataset2",
                "Results dataset",
            ),
            (
                "Join Data",
                {**KEYS, "Keep right key columns in joined table": False},
                "Dataset1",
                "Dataset2",
                "Results dataset",
            ),
        )
        for generation in ("Classic", "Designer")
    ),
    (
        module("Join Data", {**KEYS, "Join type": "Left Semi-Join"}, Dataset1="People", Dataset2="Others"),
        "Results dataset",
        ACCURATE,
    ),
    (
        module(
            "Clean Missing Data",
            {"Columns to be cleaned": NUMBERS, "Generate missing value indicator column": True},
            Dataset="People",
        ),
        "Cleaned dataset",
        PERHAPS_FEWER,
    ),
    *(
        (
            module(
                "Clean Missing Data",
                {"Columns to be cleaned": NUMBERS, "Cleaning mode": mode},
                Dataset="People",
            ),
            "Cleaned dataset",
            level,
        )
        for mode, level in (
            ("Custom substitution value", ACCURATE),
            ("Remove entire row", ACCURATE),
            ("Replace with mean", PERHAPS_FEWER),
            ("Remove entire column", PERHAPS_FEWER),
        )
    ),
    *(
        (
            module("Edit Metadata", {"Column": ["kind", "age"], **values}, Dataset="People"),
            "Results dataset",
            0,
        )
        for values in (
            {"New Column Name": '"a, b", c'},
            {"Data Type": "String"},
            {"Categorical": "Categorical"},
            {"Categorical": "NonCategorical", "Fields": "ClearFeatures"},
        )
    ),
    (
        module("Edit Metadata", {"Column": ["rich"], "Fields": "Labels"}, Dataset="People"),
        "Results dataset",
        ACCURATE,
    ),
    *(
        (
            module(
                "Group Data into Bins",
                {"Columns to bin": ["pay"], "Output mode": mode, "Tag columns as categorical": tagged},
                Dataset="People",
            ),
            "Quantized dataset",
            ACCURATE,
        )
        for mode in ("Append", "Inplace", "ResultOnly")
        for tagged in (True, False)
    ),
    (
        module("Convert to Indicator Values", {"Categorical columns to convert": ["kind"]}, Dataset="People"),
        "Results dataset",
        UNSURE,
    ),
    (module("Normalize Data", {"Columns to transform": NUMBERS}, Dataset="People"), "Transformed dataset", 0),
    *(
        (
            module("Clip Values", {"Overwrite flag": over, "Add indicator columns": marks}, Dataset="People"),
            "Results dataset",
            ACCURATE,
        )
        for over in (True, False)
        for marks in (True, False)
    ),
    (
        module(
            "Principal Component Analysis",
            {"Selected columns": ["age", "code"], "Number of dimensions to reduce to": 1},
            Dataset="People",
        ),
        "Results dataset",
        ACCURATE,
    ),
    *(
        (
            module("Filter Based Feature Selection", values, Dataset="People"),
            port,
            PERHAPS_FEWER,
        )
        for values in (
            {"Target column": ["code"], "Number of desired features": 2},
            {"Feature scoring method": "CountBased", "Minimum number of non-zero elements": 30},
        )
        for port in ("Filtered dataset", "Features")
    ),
    (module("Summarize Data", Dataset="People"), "Results dataset", ACCURATE),
    (module("Compute Elementary Statistics", {"Method": "Max"}, Dataset="People"), "Results dataset", 0),
    (module("Compute Linear Correlation", Dataset="People"), "Results dataset", ACCURATE),
    *(
        (
            module("Apply Math Operation", {"Column set": NUMBERS, **values}, Dataset="People"),
            "Results dataset",
            0,
        )
        for values in (
            {},
            {"Output mode": "Append", "Basic math function": "Pow", "Constant second argument": 2.0},
            {"Output mode": "Inplace", "Category": "Rounding"},
            {"Category": "Compare", "Value to compare": ["code"]},
        )
    ),
    (
        module("Feature Hashing", {"Target column": ["words"], "Hashing bitsize": 3}, Dataset="People"),
        "Transformed dataset",
        ACCURATE,
    ),
    (
        module("Preprocess Text", {"Text column to clean": ["words"]}, Dataset="People", Stop_words=""),
        "Results dataset",
        ACCURATE,
    ),
    *(
        (
            module(
                "Extract N-Gram Features from Text",
                {"Text column": ["words"], "Use filter-based feature selection": "False"},
                Dataset="People",
            ),
            port,
            level,
        )
        for port, level in (("Results dataset", UNSURE), ("Result vocabulary", ACCURATE))
    ),
    *(
        (
            module(
                "Latent Dirichlet Allocation",
                {"Target columns": ["words"], "Number of topics to model": 2},
                Dataset="People",
            ),
            port,
            ACCURATE,
        )
        for port in ("Transformed dataset", "Feature topic matrix")
    ),
]


@pytest.mark.parametrize(
    ("body", "port", "level"),
    DATA_MODULES,
    ids=[f"{body['module']}-{port}" for body, port, _ in DATA_MODULES],
)
def test_modules_that_prepare_data(body: dict[str, Any], port: str, level: int) -> None:
    linked = {each: source for each, source in body["inputs"].items() if source}
    check({"it": {**body, "inputs": linked}}, "it", port, level)


@pytest.mark.parametrize(
    ("maker", "port", "level"),
    [
        (
            module("Normalize Data", {"Columns to transform": NUMBERS}, Dataset="People"),
            "Transformation function",
            0,
        ),
        (
            module("Group Data into Bins", {"Columns to bin": ["age"]}, Dataset="People"),
            "Binning transformation",
            ACCURATE,
        ),
        (
            module("Select Columns Transform", Dataset_with_desired_columns="People"),
            "Columns selection transformation",
            ACCURATE,
        ),
    ],
)
def test_a_transformation_is_followed_to_the_module_that_made_it(
    maker: dict[str, Any], port: str, level: int
) -> None:
    nodes = {
        "it": maker,
        "split": module("Split Data", Dataset="People"),
        "apply": module(
            "Apply Transformation", Transformation=f"it.{port}", Dataset="split.Results dataset2"
        ),
    }
    check(nodes, "apply", "Transformed dataset", level)


LEARNERS = [
    ("Two-Class Logistic Regression", {}, "rich", ACCURATE),
    ("Linear Regression", {}, "pay", ACCURATE),
    ("Fast Forest Quantile Regression", {"Quantiles to be estimated": "0.1; 0.5"}, "pay", ACCURATE),
    ("Multiclass Logistic Regression", {}, "kind", UNSURE),
]


@pytest.mark.parametrize(("learner", "values", "label", "level"), LEARNERS)
@pytest.mark.parametrize("appends", [True, False])
@pytest.mark.parametrize("generation", ["Classic", "Designer"])
def test_scores_and_measures(
    learner: str, values: dict[str, Any], label: str, level: int, appends: bool, generation: str
) -> None:
    spelling = {"Generation": generation}
    appending = {"Append score columns to output": appends, **spelling}
    nodes = {
        "learner": module(learner, values),
        "train": module(
            "Train Model",
            {"Label column": [label]},
            Untrained_model="learner.Untrained model",
            Dataset="People",
        ),
        "score": module("Score Model", appending, Trained_model="train.Trained model", Dataset="People"),
        "judge": module("Evaluate Model", spelling, Scored_dataset="score.Scored dataset"),
    }
    check(nodes, "score", "Scored dataset", level)
    check(nodes, "judge", "Evaluation results")


@pytest.mark.parametrize(("learner", "values", "label", "level"), LEARNERS[1:2])
def test_cross_validation_and_tuning(learner: str, values: dict[str, Any], label: str, level: int) -> None:
    nodes = {
        "learner": module(learner, values),
        "cross": module(
            "Cross Validate Model",
            {LABEL: [label]},
            Untrained_model="learner.Untrained model",
            Dataset="People",
        ),
        "tune": module(
            "Tune Model Hyperparameters",
            {LABEL: [label]},
            Untrained_model="learner.Untrained model",
            Training_dataset="People",
        ),
        "score": module("Score Model", Trained_model="tune.Trained best model", Dataset="People"),
        "importance": module(
            "Permutation Feature Importance",
            {} if label == "rich" else {"Metric for measuring performance": "Mean Absolute Error"},
            Trained_model="tune.Trained best model",
            Test_data="People",
        ),
    }
    check(nodes, "cross", "Scored results", level)
    check(nodes, "cross", "Evaluation results by fold")
    check(nodes, "tune", "Sweep results", UNSURE)
    check(nodes, "score", "Scored dataset", level)
    check(nodes, "importance", "Feature importance")


def test_clusters() -> None:
    nodes = {
        "learner": module("K-Means Clustering", {"Number of Centroids": 3}),
        "train": module(
            "Train Clustering Model",
            {"Column Set": ["age", "kind"]},
            Untrained_model="learner.Untrained model",
            Dataset="People",
        ),
        "assign": module(
            "Assign Data to Clusters",
            {"Check for Append or Uncheck for Result Only": False},
            Trained_model="train.Trained model",
            Dataset="People",
        ),
        "judge": module("Evaluate Model", Scored_dataset="assign.Results dataset"),
    }
    check(nodes, "train", "Results dataset")
    check(nodes, "assign", "Results dataset")
    check(nodes, "judge", "Evaluation results")


def test_anomalies() -> None:
    nodes = {
        "chosen": module("Select Columns in Dataset", {"Select Columns": ["age", "code"]}, Dataset="People"),
        "learner": module("PCA-Based Anomaly Detection", {"Number of components to use in PCA": 1}),
        "train": module(
            "Train Anomaly Detection Model",
            Untrained_model="learner.Untrained model",
            Dataset="chosen.Results dataset",
        ),
        "score": module("Score Model", Trained_model="train.Trained model", Dataset="chosen.Results dataset"),
    }
    check(nodes, "score", "Scored dataset")


def test_what_was_typed_shows_its_header_before_anything_runs() -> None:
    typed = module("Enter Data Manually", {"Data": "\ufeff a ,b,,a\r\n1,2,3,4"})
    table, schema = given_and_foretold({"it": typed}, "it", "dataset")
    assert [one["name"] for one in schema["columnAttributes"]] == list(table.names)
    assert schema["isInaccurate"] == UNSURE


@pytest.mark.parametrize(
    ("name", "values", "port"),
    [
        ("Latent Dirichlet Allocation", {"Number of topics to model": 10**9, "Target columns": ["words"]}, 0),
        ("Feature Hashing", {"Hashing bitsize": 10**9, "Target column": ["words"]}, 0),
        (
            "Principal Component Analysis",
            {"Selected columns": ["age"], "Number of dimensions to reduce to": "x"},
            0,
        ),
        ("Apply Math Operation", {"Basic math function": "Pow", "Constant second argument": None}, 0),
        ("Apply Math Operation", {"Category": 7}, 0),
        ("Select Columns in Dataset", {"Select Columns": 7}, 0),
        ("Edit Metadata", {"Column": {"a": [1]}, "New Column Name": 5}, 0),
    ],
)
def test_values_of_a_draft_that_make_no_sense_give_what_goes_in(
    name: str, values: dict[str, Any], port: int
) -> None:
    known = tuple(PEOPLE.schema)
    spec = spec_of(name)
    values = {**{one.name: one.default for one in spec.parameters}, **values}
    output = spec.outputs[port].name
    graph: Any = {
        "schema_version": 1,
        "name": "x",
        "nodes": {
            "People": {"dataset": "People"},
            "it": module(name, values, **{spec.inputs[0].name: "People"}),
            "behind": module("Convert to CSV", Dataset=f"it.{output}"),
        },
    }
    made, view = graph_from_document(graph, CATALOGUE)
    new = ExperimentId("x")
    artifact = Artifact(digest_of("x"), "x", "Dataset", "output", "", 0)
    prediction = ColumnPrediction(
        Experiment(new, new, made, view), {}, lambda one: known, lambda one: artifact
    )
    schema: Any = prediction.at_input("behind").schema
    assert [one["name"] for one in schema["columnAttributes"]] == [column.name for column in known]
    assert schema["isInaccurate"] == UNSURE


def test_only_what_scripts_files_and_archives_give_has_no_rule() -> None:
    made = {spec.name for spec in CATALOGUE.all() if any(port.type == "Dataset" for port in spec.outputs)}
    assert made - set(RULES) == {
        "Apply SQL Transformation",
        "Execute Python Script",
        "Execute R Script",
        "Import Data",
        "Unpack Zipped Datasets",
    }
