"""Every example validates and runs, as `make demo` runs it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from tests.cli.commands import Commands, Said
from tests.stories.data import EXAMPLES
from tests.stories.graph_runs import frame_of, text_of

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

STORIES = sorted(path.parent.name for path in EXAMPLES.glob("*/graph.yaml"))
# the scripts are of 2016; `current` has today's packages, so that no environment has to be built here
AS_THEN = ("--environment", "current", "--compatibility", "on")


def graph_of(story: str) -> str:
    return str(EXAMPLES / story / "graph.yaml")


def test_the_stories_are_those_of_the_demo() -> None:
    demo = (EXAMPLES / "demo.py").read_text()
    assert STORIES == ["expressions", "feature-ranking", "figures", "trained-model", "zip-modules"]
    assert all(f'"{story}"' in demo for story in STORIES)


@pytest.mark.parametrize("story", STORIES)
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


def _trained_model(report: dict[str, Any]) -> None:
    assert report["nodes"]["train"]["metrics"]["accuracy"] > 0.9
    assert report["nodes"]["train"]["outputs"]["model"]


def _zip_modules(report: dict[str, Any]) -> None:
    told = text_of(report, "greet")
    assert "Hello, World!" in told and "Hello, Studio!" in told


CHECKS = {
    "expressions": _expressions,
    "feature-ranking": _feature_ranking,
    "figures": _figures,
    "trained-model": _trained_model,
    "zip-modules": _zip_modules,
}
