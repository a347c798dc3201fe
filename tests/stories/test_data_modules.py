"""The stories of data modules: a saved transform in another graph, and results written outside."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.core.dataset import Dataset
from tests.cli.commands import Commands
from tests.stories.graph_runs import frame_of, run_graph, typed_in

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

TRAIN, LATER = "x,t\n1,good book\n2,bad book\n6,good film\n", "x,t\n9,good book\n"


def normalize(source: str) -> dict[str, Any]:
    return {
        "module": "Normalize Data",
        "parameters": {"Columns to transform": ["x"], "Transformation method": "MinMax"},
        "inputs": {"Dataset": source},
    }


def saved_scale(skyloom: Commands, name: str) -> Dataset:
    """The transform of a run, kept in the workspace under a name."""
    report = run_graph(skyloom, {"data": typed_in(TRAIN), "scale": normalize("data")})
    workspace = HttpWorkspace(AgentPlace(str(skyloom.home)))
    try:
        made = workspace.run(report["run"]).node("scale")
        assert made is not None
        return workspace.register_dataset(name, made.outputs["Transformation function"])
    finally:
        workspace.close()


def test_a_transform_that_a_run_made_is_saved_and_used_in_another_graph(skyloom: Commands) -> None:
    assert saved_scale(skyloom, "Scale of x").artifact.type == "ITransform"
    nodes = {
        "saved": {"dataset": "Scale of x"},
        "data": typed_in(LATER),
        "apply": {
            "module": "Apply Transformation",
            "inputs": {"Transformation": "saved", "Dataset": "data"},
        },
    }
    later = run_graph(skyloom, nodes)
    assert frame_of(later, "apply", "Transformed dataset")["x"].tolist() == [pytest.approx(8 / 5)]


def test_a_saved_transform_does_not_fit_a_port_for_tables(skyloom: Commands) -> None:
    saved_scale(skyloom, "No table")
    graph = skyloom.write(
        "graph.yaml",
        "schema_version: 1\nname: wrong\nnodes:\n  saved: {dataset: No table}\n"
        "  csv: {module: Convert to CSV, inputs: {Dataset: saved}}\n",
    )
    said = skyloom("run", graph, "--environment", "current", "--json")
    assert said.code == 1 and "G005" in said.out


def test_text_is_cleaned_described_and_its_vocabulary_describes_other_text(skyloom: Commands) -> None:
    def words(source: str, **more: Any) -> dict[str, Any]:
        values = {"Text column": ["Preprocessed t"], "Minimum n-gram document absolute frequency": 1}
        inputs = {"Dataset": source, **more.pop("inputs", {})}
        return {
            "module": "Extract N-Gram Features from Text",
            "parameters": {**values, **more},
            "inputs": inputs,
        }

    def clean(source: str) -> dict[str, Any]:
        return {
            "module": "Preprocess Text",
            "parameters": {"Text column to clean": ["t"]},
            "inputs": {"Dataset": source},
        }

    report = run_graph(
        skyloom,
        {
            "data": typed_in(TRAIN),
            "later": typed_in(LATER),
            "clean": clean("data"),
            "clean later": clean("later"),
            "words": words("clean"),
            "words later": words(
                "clean later",
                inputs={"Input vocabulary": "words.Result vocabulary"},
                **{"Vocabulary mode": "ReadOnly"},
            ),
        },
    )
    described = frame_of(report, "words later", "Results dataset")
    features = [name for name in map(str, described) if name.startswith("Preprocessed t.[")]
    assert {name for name in features if described[name][0]} == {
        "Preprocessed t.[good]",
        "Preprocessed t.[book]",
    }
    assert list(frame_of(report, "words", "Results dataset")[features]) == features


def test_every_module_that_prepares_data_runs_in_a_box(skyloom: Commands) -> None:
    lines = "\n".join(
        f"{n},{n % 3},{'ab'[n % 2]},{['good', 'bad'][n % 2]} book {n},{n % 4 == 0}" for n in range(24)
    )
    numbers = {"ColumnTypes": ["Numeric"]}

    def of(
        module: str, values: dict[str, Any], source: str = "data", port: str = "Dataset"
    ) -> dict[str, Any]:
        return {"module": module, "parameters": values, "inputs": {port: source}}

    nodes = {
        "data": typed_in(f"x,k,c,t,y\n{lines}\n"),
        "categories": of("Edit Metadata", {"Column": ["c"], "Categorical": "Categorical"}),
        "clip": of("Clip Values", {"Constant value for upper threshold": 20.0, "List of columns": ["x"]}),
        "bins": of("Group Data into Bins", {"Columns to bin": ["x"], "Number of bins": 4}),
        "log normal": of(
            "Normalize Data", {"Columns to transform": numbers, "Transformation method": "LogNormal"}
        ),
        "indicators": of(
            "Convert to Indicator Values", {"Categorical columns to convert": ["c"]}, "categories"
        ),
        "more": of("SMOTE", {"Label column": ["y"]}, port="Samples"),
        "components": of(
            "Principal Component Analysis",
            {"Selected columns": numbers, "Number of dimensions to reduce to": 1},
        ),
        "best": of(
            "Filter Based Feature Selection",
            {"Target column": ["y"], "Feature scoring method": "KendallCorrelation"},
        ),
        "columns": of("Select Columns Transform", {}, "best", "Dataset with desired columns"),
        "hashes": of("Feature Hashing", {"Target column": ["t"], "Hashing bitsize": 4}),
        "topics": of(
            "Latent Dirichlet Allocation",
            {"Target columns": ["t"], "Number of topics to model": 2, "N-grams": 1},
        ),
        "summary": of("Summarize Data", {}),
        "figures": of("Compute Elementary Statistics", {"Method": "Median"}),
        "pairs": of("Compute Linear Correlation", {}),
        "math": of("Apply Math Operation", {"Category": "Special", "Special function": "Erf"}),
    }
    report = run_graph(skyloom, nodes)
    assert report["state"] == "completed", report["nodes"]
    assert frame_of(report, "clip", "Results dataset")["x"].max() == 20
    assert frame_of(report, "more", "Table").shape[0] == 30
    assert frame_of(report, "figures", "Results dataset").columns.tolist() == ["Median(x)", "Median(k)"]
    assert frame_of(report, "summary", "Results dataset")["Feature"].tolist() == ["x", "k", "c", "t", "y"]
    assert "t_HashingFeature.16" in frame_of(report, "hashes", "Transformed dataset")


@pytest.fixture
def exporting(tmp_path: Path) -> Iterator[tuple[Commands, Path]]:
    """A workspace of its own that may write into one folder."""
    with tempfile.TemporaryDirectory(prefix="skyloom-export-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "out").mkdir()
        skyloom = Commands(place / "home", tmp_path, {"SKYLOOM_EXPORT_ROOTS": str(place / "out")})
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield skyloom, place / "out"
        finally:
            skyloom("agent", "stop")


def test_results_are_written_to_a_file_and_into_a_database_by_the_agent(
    exporting: tuple[Commands, Path],
) -> None:
    skyloom, out = exporting

    def export(**values: Any) -> dict[str, Any]:
        return {"module": "Export Data", "parameters": values, "inputs": {"Dataset": "scale"}}

    nodes = {
        "data": typed_in(TRAIN),
        "scale": normalize("data"),
        "file": export(Path=str(out / "scaled.csv")),
        "rows": export(
            **{
                "Please specify data destination": "SQL database",
                "Database URL": f"sqlite:///{out}/results.sqlite",
                "Data table name": "scaled",
            }
        ),
    }
    for _ in range(2):
        report = run_graph(skyloom, nodes)
        assert report["state"] == "completed", report["nodes"]
    written = pd.read_csv(out / "scaled.csv")
    np.testing.assert_allclose(written["x"], [0, 0.2, 1])
    connection = sqlite3.connect(out / "results.sqlite")
    assert connection.execute("SELECT count(*), max(x) FROM scaled").fetchall() == [(6, 1.0)]
    connection.close()
    elsewhere = run_graph(skyloom, {**nodes, "file": export(Path="/etc/skyloom.csv")})
    assert elsewhere["nodes"]["file"]["problem"]["code"] == "D302"
    assert elsewhere["nodes"]["rows"]["state"] == "completed"
