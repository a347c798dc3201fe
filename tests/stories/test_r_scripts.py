"""Issue B, must show 3: a frame through R and back, a plot, an error of R; through the command line."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.cli.commands import Commands
from tests.rscript import needs_r
from tests.stories.graph_runs import frame_of, names_of_images, run_graph, script, text_of

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories"), *needs_r]

MAKE = """
import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    moments = pd.to_datetime(["2024-02-29 12:30:00.123456", "NaT", "1900-01-01 00:00:00.000001"])
    return pd.DataFrame({
        "whole number": [1, 2**40, -3],
        "double": [0.5, np.nan, np.inf],
        "flag": pd.Series([True, np.nan, False], dtype=object),
        "text \\"quoted\\"": pd.Series(["Grüße", None, ""]),
        "factor": pd.Categorical(["b", None, "a"], categories=["b", "a"]),
        "ordered": pd.Categorical(["low", "high", "low"], categories=["low", "high"], ordered=True),
        "moment": moments,
        "local": moments.tz_localize("UTC").tz_convert("Europe/Berlin"),
        "span": pd.to_timedelta([1, None, -5], unit="s"),
    }),
"""
PASS_ON = 'data <- maml.mapInputPort(1)\nplot(1:3)\nhist(1:9)\nmaml.mapOutputPort("data")\n'
TURN = "azureml_main <- function(dataframe1, dataframe2) dataframe1[nrow(dataframe1):1, ]\n"


def in_r(text: str, **inputs: str) -> dict[str, object]:
    return {"module": "Execute R Script", "parameters": {"R Script": text}, "inputs": inputs}


def test_a_frame_goes_through_r_and_comes_back_equal_types_included(skyloom: Commands) -> None:
    nodes = {
        "made": script(MAKE),
        "back": in_r(PASS_ON, Dataset1="made"),
        "turned": in_r(TURN, Dataset1="back"),
        "again": in_r(TURN, Dataset1="turned"),
    }
    report = run_graph(skyloom, nodes)
    made = frame_of(report, "made")
    assert_frame_equal(frame_of(report, "back"), made)
    assert_frame_equal(frame_of(report, "again"), made)
    assert report["nodes"]["back"]["outputs"] == report["nodes"]["made"]["outputs"]  # the same content
    assert names_of_images(report, "back") == ["0000-rplot01-001.png", "0001-rplot01-002.png"]


def test_an_error_of_r_is_0085_with_its_own_message(skyloom: Commands) -> None:
    text = "square <- function(x) {\n    x ^ 2\n}\nplot(1)\nsquare('a')\n"
    report = run_graph(skyloom, {"broken": in_r(text)})
    node = report["nodes"]["broken"]
    assert (node["state"], node["problem"]["code"]) == ("failed", "S201")
    assert "line 2 of script.R: 'non-numeric argument to binary operator'" in node["problem"]["message"]
    assert 'square("a")' in node["problem"]["traceback"]
    assert "non-numeric argument" in text_of(report, "broken", "stderr")
    assert names_of_images(report, "broken") == ["0000-rplot01-001.png"]


def test_a_file_runs_without_a_graph(skyloom: Commands) -> None:
    data = skyloom.write("n.csv", "n\n1\n3\n2\n")
    text = "azureml_main <- function(d, e) { print(nrow(d)); d[order(d$n), , drop = FALSE] }\n"
    said = skyloom(
        "script", "run", skyloom.write("sort.R", text), "--dataset1", data, "--output", "sorted.csv"
    )
    assert (said.code, said.out) == (0, "[1] 3\n"), said.err
    assert list(pd.read_csv(skyloom.folder / "sorted.csv")["n"]) == [1, 2, 3]


def test_the_doctor_tells_the_version(skyloom: Commands) -> None:
    told = skyloom("doctor", "--json").json["r"]
    assert told["version"].count(".") == 2
    assert told["packages"] >= 14
