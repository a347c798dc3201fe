"""The story of an experiment: made, run, edited, promoted, served; and of one from the old product."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from tests.cli.commands import Commands
from tests.stories.data import EXAMPLES
from tests.studio.classic_files import OWN, ClassicFile, selector

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

TARGET = {"isFilter": True, "rules": [{"ruleType": "ColumnNames", "exclude": False, "columns": ["target"]}]}


def training(seed: int = 1) -> dict[str, Any]:
    """Normal or not: clean, split, train, score, evaluate."""
    return {
        "schema_version": 1,
        "name": "Tumours",
        "nodes": {
            "data": {"dataset": "Breast Cancer"},
            "clean": {
                "module": "Clean Missing Data",
                "parameters": {"Columns to be cleaned": "all", "Cleaning mode": "Replace with mean"},
                "inputs": {"Dataset": "data"},
            },
            "split": {
                "module": "Split Data",
                "parameters": {"Fraction of rows in the first output dataset": 0.7, "Random seed": seed},
                "inputs": {"Dataset": "clean"},
            },
            "learner": {"module": "Two-Class Logistic Regression"},
            "train": {
                "module": "Train Model",
                "parameters": {"Label column": TARGET},
                "inputs": {"Untrained model": "learner", "Dataset": "split"},
            },
            "score": {
                "module": "Score Model",
                "inputs": {"Trained model": "train", "Dataset": "split.Results dataset2"},
            },
            "evaluate": {"module": "Evaluate Model", "inputs": {"Scored dataset": "score"}},
        },
    }


def test_a_training_experiment_is_run_edited_promoted_and_becomes_a_predictive_one(skyloom: Commands) -> None:
    graph = skyloom.write("graph.json", json.dumps(training()))
    made = skyloom("experiment", "create", graph, "--json").json
    said = skyloom("experiment", "set-up-web-service", "Tumours", "--json")
    assert said.json["problem"]["code"] == "G214"  # not run yet
    before = skyloom("experiment", "columns", "Tumours", "score", "Dataset", "--json").json
    # a column without any value would be removed, so one may be told too much
    assert before["schema"]["isInaccurate"] == 1 and not before["observed"]

    report = skyloom("experiment", "run", "Tumours", "--json").json
    assert report["state"] == "completed", report
    after = skyloom("experiment", "columns", "Tumours", "score", "Dataset", "--json").json
    assert after["observed"] and _names(after) == _names(before)

    predictive = skyloom("experiment", "set-up-web-service", "Tumours", "--json").json
    assert (predictive["name"], predictive["role"]) == ("Tumours [Predictive Exp.]", "predictive")
    assert predictive["twin"] == made["id"]
    served = skyloom("experiment", "run", predictive["name"], "--json").json
    assert served["state"] == "completed", served
    assert set(served["nodes"]) == {"clean", "score"}
    scored = pd.read_parquet(served["nodes"]["score"]["outputs"]["Scored dataset"])
    truth = load_breast_cancer(as_frame=True).frame["target"]
    assert len(scored) == len(truth) and (scored["Scored Labels"].astype(int) == truth).mean() > 0.95

    service = skyloom("endpoint", "publish", "--experiment", predictive["name"], "--json").json
    again = skyloom("endpoint", "publish", "--run", served["run"], "--json").json
    assert service["name"] == again["name"] == predictive["name"] and service["id"] == again["id"]
    rows = scored.drop(columns=["Scored Labels", "Scored Probabilities"]).head(3)
    rows.to_csv(skyloom.folder / "rows.csv", index=False)
    answer = skyloom("endpoint", "call", predictive["name"], "rows.csv").json["Results"]["output1"]["value"]
    called = pd.DataFrame(answer["Values"], columns=answer["ColumnNames"])
    for name in ("Scored Labels", "Scored Probabilities"):
        assert called[name].astype(float).tolist() == scored[name].head(3).astype(float).tolist()

    skyloom.write("graph.json", json.dumps(training(seed=2)))
    draft = skyloom("experiment", "edit", "Tumours", graph, "--json").json
    assert draft["parent"] == made["id"]
    states = {
        one["node"]: one["state"] for one in skyloom("experiment", "show", "Tumours", "--json").json["nodes"]
    }
    assert (states["clean"], states["split"], states["evaluate"]) == ("completed", "created", "created")
    assert skyloom("experiment", "run", "Tumours", "--json").json["nodes"]["clean"]["reused_from"]

    updated = skyloom("experiment", "set-up-web-service", "Tumours", "--json").json
    assert (updated["parent"], updated["history"]) == (predictive["id"], predictive["id"])
    shown = skyloom("experiment", "show", predictive["name"], "--json").json["document"]["nodes"]
    assert shown["train [model]"]["dataset"] == {"name": "Tumours [trained model]", "version": 2}
    assert [
        one["id"] for one in skyloom("experiment", "history", "Tumours", "--json").json["experiments"]
    ] == [
        draft["id"],
        made["id"],
    ]

    promoted = skyloom("experiment", "promote", "Tumours", "score", "--as", "Scores", "--json").json
    assert (promoted["name"], promoted["artifact"]["type"]) == ("Scores", "Dataset")
    copy = skyloom("experiment", "save-as", "Tumours", "Tumours 2", "--json").json
    assert skyloom("experiment", "delete", copy["name"], "--yes").code == 0


def test_an_exported_program_runs_the_same_graph_and_takes_over_every_result(
    skyloom: Commands, workspace: Path
) -> None:
    document = {**training(seed=11), "name": "Program (one)"}
    document["nodes"]["split"]["parameters"]["Random seed"] = {"$parameter": "seed"}
    document["parameters"] = {"seed": {"type": "int", "default": 11}}
    skyloom("experiment", "create", skyloom.write("graph.json", json.dumps(document)))
    first = skyloom("experiment", "run", "Program (one)", "--json").json
    assert first["state"] == "completed", first
    assert skyloom("experiment", "export", "Program (one)", "program.py", "--python").code == 0
    environ = {**os.environ, "SKYLOOM_HOME": os.fspath(workspace / "home")}
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=skyloom.folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    newest = skyloom("runs", "list", "--experiment", "Program (one)", "--json").json["runs"][0]
    again = skyloom("runs", "show", newest["id"], "--json").json
    assert newest["origin"] == "sdk"
    # a node that the first run took over itself comes from where that one took it
    maker = {name: one["reused_from"] or first["run"] for name, one in first["nodes"].items()}
    assert {name: one["reused_from"] for name, one in again["nodes"].items()} == maker
    assert len(again["nodes"]) == 6


def test_the_script_of_a_module_is_debugged_with_its_tables_and_its_bundle(
    skyloom: Commands,
) -> None:
    with zipfile.ZipFile(skyloom.folder / "bundle.zip", "w") as bundle:
        bundle.writestr("of_a_bundle.py", "WORD = 'found'\n")
    skyloom("dataset", "add", "bundle.zip", "--name", "bundle.zip")
    text = "def azureml_main(dataframe1, dataframe2):\n    rows = len(dataframe1)\n    return dataframe1,\n"
    nodes = {
        "data": {"dataset": "Iris"},
        "zip": {"dataset": "bundle.zip", "type": "Zip"},
        "it's": {
            "module": "Execute Python Script",
            "environment": "current",
            "parameters": {"Python Script": "import of_a_bundle\n" + text},
            "inputs": {"Dataset1": "data", "Script Bundle": "zip"},
        },
    }
    document = {"schema_version": 1, "name": "Debugged", "nodes": nodes}
    skyloom("experiment", "create", skyloom.write("graph.json", json.dumps(document)))
    report = skyloom("experiment", "run", "Debugged", "--json").json
    assert report["state"] == "completed", report
    run = report["run"]
    made = skyloom("debug", run, "it's", "--folder", "there", "--prepare", "--json").json
    words = [made["python"], made["launch"], "--plain"]
    plain = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert "Result 1: DataFrame (150, 5)" in plain.stdout, plain.stderr
    stopped = skyloom("debug", run, "it's", stdin="n\np rows + 1\nq\n")
    assert "rows = len(dataframe1)" in stopped.out and "151" in stopped.out


def test_an_exported_graph_file_is_the_same_experiment(skyloom: Commands) -> None:
    skyloom("experiment", "create", skyloom.write("graph.json", json.dumps(training())), "--name", "Yaml")
    assert skyloom("experiment", "export", "Yaml", "yaml.yaml", "--format", "yaml").code == 0
    skyloom("experiment", "create", "yaml.yaml", "--name", "Yaml 2")
    one, other = (skyloom("experiment", "show", name, "--json").json for name in ("Yaml", "Yaml 2"))
    assert one["document"]["nodes"] == other["document"]["nodes"]
    assert skyloom("experiment", "export", "Yaml", "--python", "--format", "arm").code == 2


def _names(columns: dict[str, Any]) -> list[str]:
    return [one["name"] for one in columns["schema"]["columnAttributes"]]


def classic_tumours() -> ClassicFile:
    """The same work as the old product would have exported it, with CR LF and everything as text."""
    file = ClassicFile("Tumours (classic)")
    file.module(
        "n1",
        "clean",
        {"Columns to be cleaned": selector("mean radius"), "Cleaning mode": "Replace with mean"},
        outputs=("Cleaned dataset", "Cleaning transformation"),
    )
    file.module(
        "n2",
        "split",
        {"Splitting mode": "Split Rows", "Randomized split": "True", "Random seed": "1"},
        outputs=("Results dataset1", "Results dataset2"),
    )
    file.module(
        "n3",
        "python",
        {"R Script": "def azureml_main(frame):\r\n    return frame.describe(),\r\n"},
        ("Dataset1", "Dataset2", "Script Bundle"),
        ("Result Dataset", "Python Device"),
    )
    file.asset("n1", "Dataset", f"{OWN}.aabbccddeeff00112233445566778899.v1")
    file.link("n1:Cleaned dataset", "n2:Dataset")
    file.link("n2:Results dataset1", "n3:Dataset1")
    return file


def test_a_classic_graph_is_imported_bound_run_and_exported_again(skyloom: Commands, workspace: Path) -> None:
    text = classic_tumours().text.replace("\n", "\r\n")
    file = skyloom.write("classic.json", ("\ufeff" + text).encode("utf-16-le"))
    assert skyloom("experiment", "import", file, "--check", "--json").json["complete"] is False
    cancer = workspace / "data" / "cancer.csv"
    told = skyloom("experiment", "import", file, "--bind", f"aabbccdd={cancer}", "--json").json
    assert told["complete"], told["report"]
    report = skyloom("experiment", "run", "Tumours (classic)", "--environment", "current", "--json").json
    assert report["state"] == "completed", report
    out = skyloom.folder / "out.json"
    assert skyloom("experiment", "export", "Tumours (classic)", str(out)).code == 0
    assert out.read_bytes() == Path(file).read_bytes()


def test_the_example_of_an_import_runs_to_its_predictive_experiment(skyloom: Commands) -> None:
    place = EXAMPLES / "classic-import"
    told = skyloom(
        "experiment", "import", str(place / "loans.json"), "--bind", f"c0ffee={place / 'loans.csv'}", "--json"
    ).json
    assert told["complete"] and not [one for one in told["report"]["nodes"] if one.get("notes")]
    report = skyloom("experiment", "run", "Loans", "--param", "Seed=3", "--json").json
    assert report["state"] == "completed", report
    made = skyloom("experiment", "set-up-web-service", "Loans", "--json").json
    assert skyloom("experiment", "run", made["name"], "--json").json["state"] == "completed"
    skyloom("experiment", "export", "Loans", "again.json")
    assert (skyloom.folder / "again.json").read_bytes() == (place / "loans.json").read_bytes()
