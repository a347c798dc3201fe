"""Scripts in R in web services: types, errors, and an R that stays beside its worker (docs/r-scripts.md)."""

from __future__ import annotations

import base64
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from skyloom.core.graph import Graph
from skyloom.core.service import ReplyForm
from skyloom.engine.ports import OpenService
from skyloom.workspace.code_service import publication_of
from skyloom.workspace.local import LocalWorkspace
from skyloom.workspace.settings import read_settings
from tests.contracts.services import Canvas, add_dataset, error_of, request, results
from tests.contracts.test_service_runner import ask, opened
from tests.rscript import needs_r

pytestmark = [pytest.mark.real("sandbox"), *needs_r]

DETAILS = ReplyForm(has_details=True)
ROWS = pd.DataFrame(
    {
        "x": [0.5, None],
        "n": [1, 2],
        "s": ["a", "b"],
        "t": pd.to_datetime(["2020-01-02 00:00:00", "2020-01-03 04:05:06"]),
        "yes": [True, False],
        "k": pd.Categorical(["red", "green"]),
    }
)
ROW = {"x": 1.5, "n": 7, "s": "ö", "t": "2021-02-03T04:05:06", "yes": "False", "k": "green"}

# what a call is told to do stands in the text of its row
SCRIPT = """
seen <- 0L
library(stats)
azureml_main <- function(dataframe1, dataframe2) {
    seen <<- seen + 1L
    told <- dataframe1$s[1]
    if (identical(told, "stop")) stop("no such luck")
    if (identical(told, "quit")) quit(status = 3)
    if (identical(told, "kill")) tools::pskill(Sys.getpid(), 9L)
    if (identical(told, "plot")) plot(1:3)
    dataframe1$y <- dataframe1$x * 2
    dataframe1$seen <- seen
    dataframe1$drawn <- runif(nrow(dataframe1))
    dataframe1
}
"""
CLASSIC = """
table <- maml.mapInputPort(1)
table$rows <- nrow(table)
maml.mapOutputPort("table")
"""


@pytest.fixture(scope="module")
def workspace() -> Iterator[LocalWorkspace]:
    with tempfile.TemporaryDirectory(prefix="skyloom-r-services-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        made = LocalWorkspace(read_settings(Path(folder)))
        try:
            if made.doctor()["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            add_dataset(made, "rows", ROWS)
            yield made
        finally:
            made.close()


def drawn(workspace: LocalWorkspace, text: str, **values: Any) -> Graph:
    return Canvas(workspace.modules()).graph(
        {"data": "rows", "script": ("Execute R Script", {"R Script": text, **values})},
        {"script.Dataset1": "data.data"},
        {"input1": "script.Dataset1"},
        {"output1": "script.Result Dataset"},
    )


@pytest.fixture(scope="module")
def service(workspace: LocalWorkspace) -> Iterator[OpenService]:
    with opened(workspace, drawn(workspace, SCRIPT)) as service:
        yield service


def row(said: str) -> bytes:
    return request([{**ROW, "s": said}])


def answered(service: OpenService, said: str) -> dict[str, str]:
    value = results(ask(service, row(said)))["value"]
    return dict(zip(value["ColumnNames"], value["Values"][0], strict=True))


def test_types_go_through_r_and_come_back(service: OpenService) -> None:
    value = results(ask(service, request([ROW, {**ROW, "x": None, "s": None}]), DETAILS))["value"]
    types = dict(zip(value["ColumnNames"], value["ColumnTypes"], strict=True))
    assert [types[name] for name in ROW] == ["Double", "Int64", "String", "DateTime", "Boolean", "String"]
    cells = [dict(zip(value["ColumnNames"], cells, strict=True)) for cells in value["Values"]]
    assert {name: cells[0][name] for name in ROW} == {
        "x": "1.5", "n": "7", "s": "ö", "t": "2021-02-03T04:05:06", "yes": "False", "k": "green",
    }  # fmt: skip
    assert (cells[0]["y"], cells[1]["x"], cells[1]["y"], cells[1]["s"]) == ("3.0", None, None, None)


def test_no_call_sees_what_another_left(service: OpenService) -> None:
    first, second = answered(service, "a"), answered(service, "b")
    assert (first["seen"], second["seen"]) == ("1", "1")
    assert first["drawn"] != second["drawn"]


@pytest.mark.parametrize(
    ("said", "words"),
    [("stop", "no such luck"), ("quit", "ended R itself"), ("kill", "R ended in the middle")],
)
def test_a_failing_call_is_0085_and_the_next_one_works(service: OpenService, said: str, words: str) -> None:
    before = service.worker_pids  # type: ignore[attr-defined]
    reply = ask(service, row(said))
    assert error_of(reply) == (400, "ModuleExecutionError", "85")
    assert words in json.loads(reply.body)["error"]["details"][0]["message"]
    assert answered(service, "plot")["y"] == "3.0"
    assert service.worker_pids == before  # type: ignore[attr-defined]


def test_a_seed_gives_the_same_draws_on_each_call(workspace: LocalWorkspace) -> None:
    with opened(workspace, drawn(workspace, SCRIPT, **{"Random Seed": 5})) as service:
        assert answered(service, "a")["drawn"] == answered(service, "b")["drawn"]


def test_a_script_of_classic_ports_is_carried_out_whole(workspace: LocalWorkspace) -> None:
    with opened(workspace, drawn(workspace, CLASSIC)) as service:
        for count in (1, 3):
            value = results(ask(service, request([ROW] * count)))["value"]
            assert [cells[-1] for cells in value["Values"]] == [str(count)] * count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('stop("at the top")', "at the top"),
        ("quit()", "ended R itself"),
        ("azureml_main <- function(", "does not parse"),
        ("x <- 1", "azureml_main"),
    ],
)
def test_a_script_that_fails_outside_its_function_is_told_to_every_caller(
    workspace: LocalWorkspace, text: str, words: str
) -> None:
    with opened(workspace, drawn(workspace, text)) as service:
        for _ in range(2):
            reply = ask(service, request([ROW]))
            assert error_of(reply) == (400, "ModuleExecutionError", "85")
            assert words in json.loads(reply.body)["error"]["details"][0]["message"]


def test_what_the_old_r_client_publishes_is_served(workspace: LocalWorkspace) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("factor.txt", "3\n")
    bundle_text = base64.b64encode(archive.getvalue()).decode()
    source = """
    factor <- as.numeric(readLines("src/factor.txt"))
    inputDf <- maml.mapInputPort(1)
    outputDf <- data.frame(ans = inputDf$x * factor)
    maml.mapOutputPort("outputDf")
    """
    body: dict[str, Any] = {
        "Name": "times",
        "Type": "Code",
        "CodeBundle": {
            "InputSchema": {"x": {"type": "number", "format": "double"}},
            "OutputSchema": {"ans": {"type": "number", "format": "double"}},
            "Language": "R-3.1-64",
            "SourceCode": source,
            "ZipContents": bundle_text,
        },
    }
    services = workspace.web_services
    service, endpoint = services.publish(publication_of(body, "ab" * 16, workspace.upload))
    try:
        opened_service = services.opened(endpoint.id).service
        value = results(ask(opened_service, request([{"x": 2.5}])), "output1")["value"]
        assert (value["ColumnNames"], value["Values"]) == (["ans"], [["7.5"]])
    finally:
        services.delete_service(service.id)
