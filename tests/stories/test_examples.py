"""Every example validates and runs, as `make demo` runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from tests.cli.commands import Commands, Said
from tests.rscript import needs_r
from tests.stories.data import EXAMPLES
from tests.stories.graph_runs import frame_of, text_of

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

STORIES = sorted(path.parent.name for path in EXAMPLES.glob("*/graph.yaml"))
RUN = [pytest.param(story, marks=needs_r if story == "r-script" else ()) for story in STORIES]
# the scripts are of 2016; `current` has today's packages, so that no environment has to be built here
AS_THEN = ("--environment", "current", "--compatibility", "on")


def graph_of(story: str) -> str:
    return str(EXAMPLES / story / "graph.yaml")


def test_the_stories_are_those_of_the_demo() -> None:
    demo = (EXAMPLES / "demo.py").read_text()
    assert STORIES == [
        "adult-income",
        "expressions",
        "feature-ranking",
        "figures",
        "iris-species",
        "r-script",
        "trained-model",
        "zip-modules",
    ]
    assert all(f'"{story}"' in demo for story in STORIES)


@pytest.mark.parametrize("story", RUN)
def test_an_example_validates_and_runs(story: str, skyloom: Commands) -> None:
    said = skyloom("validate", graph_of(story), "--json")
    assert said.json == {"valid": True, "problems": []}
    report = run(skyloom, graph_of(story))
    assert {node["state"] for node in report["nodes"].values()} == {"completed"}, report
    CHECKS[story](report)
    again = run(skyloom, graph_of(story))
    assert all(node["reused_from"] for node in again["nodes"].values())


@pytest.mark.parametrize("story", STORIES)
def test_an_example_has_a_readme_whose_commands_exist(story: str, skyloom: Commands) -> None:
    lines = (EXAMPLES / story / "README.md").read_text().splitlines()
    commands = [line.split() for line in lines if line.startswith("skyloom ")]
    assert commands
    for words in commands:
        verbs = [word for word in words[1:3] if word.isalpha()]
        assert skyloom(*verbs, "--help").code == 0, words
        options = [word for word in words if word.startswith("--")]
        assert all(option in skyloom(*verbs, "--help").out for option in options), words


def test_fewer_features_run_only_the_last_node(skyloom: Commands) -> None:
    run(skyloom, graph_of("feature-ranking"))
    report = run(skyloom, graph_of("feature-ranking"), "--param", "best=3")
    assert [name for name, node in report["nodes"].items() if not node["reused_from"]] == ["best"]
    assert len(frame_of(report, "best", "oDataset")) == 3


def test_the_expressions_are_a_service(skyloom: Commands) -> None:
    """The seed's own: it takes an expression and returns it with its result."""
    graph = yaml.safe_load(Path(graph_of("expressions")).read_text())
    graph["nodes"]["evaluate"]["environment"] = "current"  # so that none has to be built here
    script = (EXAMPLES / "expressions" / "evaluate.py").read_text()
    graph["nodes"]["evaluate"]["parameters"] = {"Python Script": script}
    path = skyloom.write("service.json", json.dumps(graph))
    published = skyloom("endpoint", "publish", path, "--json").json
    assert published["name"] == "Evaluate expressions"

    def asked(*expressions: str) -> Any:
        rows = [{"expression": text} for text in expressions]
        body = json.dumps({"Inputs": {"input1": rows}, "GlobalParameters": {}})
        return skyloom("endpoint", "call", "Evaluate expressions", "-", "--rows", stdin=body)

    assert asked("6 * 7", "np.sqrt(2) > 1").json["Results"]["output1"] == [
        {"expression": "6 * 7", "result": "42"},
        {"expression": "np.sqrt(2) > 1", "result": "True"},
    ]
    broken = asked("1 / 0")
    assert broken.code == 1 and "ZeroDivisionError" in broken.err
    assert asked("'and' + ' on'").json["Results"]["output1"][0]["result"] == "and on"


@pytest.mark.real("environment")
def test_an_old_script_runs_in_the_environment_of_old_scripts(skyloom: Commands) -> None:
    """The one story that needs the package index; nothing else here does."""
    said = skyloom("run", graph_of("expressions"), "--json")
    report = said.json
    if said.code != 0:
        _skip_if_not_built(said)
    assert {node["state"] for node in report["nodes"].values()} == {"completed"}, report
    old = (
        "import pandas as pd\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    print 'pandas', pd.__version__\n"
        "    return dataframe1.sort('n', ascending=False).ix[:, ['n']],\n"
    )
    script, data = skyloom.write("old.py", old), skyloom.write("n.csv", "n\n1\n3\n2\n")
    told = skyloom("script", "run", script, "--dataset1", data, "--output", "sorted.csv")
    assert told.code == 0, told.err
    assert told.out.startswith(("pandas 1.", "pandas 2."))
    assert list(pd.read_csv(skyloom.folder / "sorted.csv")["n"]) == [3, 2, 1]


def _skip_if_not_built(said: Said) -> None:
    problems = [node["problem"] for node in said.json["nodes"].values() if node["problem"]]
    for problem in problems:
        if problem["code"].startswith("C"):
            pytest.skip(f"the environment 'studio' cannot be built here: {problem['message']}")


def run(skyloom: Commands, graph: str, *words: str) -> dict[str, Any]:
    said = skyloom("run", graph, *AS_THEN, "--json", *words)
    assert said.code == 0, said.out + said.err
    report: dict[str, Any] = json.loads(said.out)
    return report


def _expressions(report: dict[str, Any]) -> None:
    results = frame_of(report, "evaluate")
    assert list(results["result"]) == ["7", str(2**100), "SKYLOOM", "3.1416", "[1, 2, 3]"]


def _feature_ranking(report: dict[str, Any]) -> None:
    best = frame_of(report, "best", "oDataset")
    assert list(best.columns) == ["feature", "score", "mean", "std"] and len(best) == 5


def _figures(report: dict[str, Any]) -> None:
    assert [image.rpartition("/")[2] for image in report["nodes"]["plot"]["images"]] == [
        "0000-scatter_matrix.png"
    ]


def _r_script(report: dict[str, Any]) -> None:
    means = frame_of(report, "means")
    assert list(means["species"].cat.categories) == ["setosa", "versicolor", "virginica"]
    assert means["petal length (cm)"].round(3).tolist() == [1.462, 4.26, 5.552]
    assert [image.rpartition("/")[2] for image in report["nodes"]["means"]["images"]] == [
        "0000-rplot01-001.png",
        "0001-rplot01-002.png",
    ]
    fitted = frame_of(report, "fitted")
    assert abs(fitted["fitted"].mean() - fitted["petal width (cm)"].mean()) < 1e-12


def _trained_model(report: dict[str, Any]) -> None:
    assert report["nodes"]["train"]["metrics"]["accuracy"] > 0.9
    assert report["nodes"]["train"]["outputs"]["model"]


def _zip_modules(report: dict[str, Any]) -> None:
    told = text_of(report, "greet")
    assert "Hello, World!" in told and "Hello, Studio!" in told


def _adult_income(report: dict[str, Any]) -> None:
    compared = frame_of(report, "evaluate", "Evaluation results")
    assert (compared["AUC"] > 0.7).all() and len(compared) == 2
    tuned = frame_of(report, "tune", "Sweep results")
    assert list(tuned["rank"]) == [1, 2, 3, 4]
    assert set(report["nodes"]["evaluate"]["metrics"]) >= {"AUC (left port)", "ROC curve (right port)"}


def _iris_species(report: dict[str, Any]) -> None:
    compared = frame_of(report, "evaluate", "Evaluation results")
    assert (compared["Overall Accuracy"] > 0.85).all() and len(compared) == 2
    folds = frame_of(report, "cross-validate", "Evaluation results by fold")
    assert len(folds) == 7
    assert len(report["nodes"]["evaluate"]["images"]) == 2


CHECKS = {
    "adult-income": _adult_income,
    "iris-species": _iris_species,
    "expressions": _expressions,
    "feature-ranking": _feature_ranking,
    "figures": _figures,
    "r-script": _r_script,
    "trained-model": _trained_model,
    "zip-modules": _zip_modules,
}
