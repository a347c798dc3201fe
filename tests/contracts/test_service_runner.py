"""What every ServiceRunner promises, faults included: the service stays up whatever a call does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.core.graph import Graph
from skyloom.core.parameter import Parameter, ParameterRef
from skyloom.core.problem import ProblemError
from skyloom.core.service import (
    CallLimits,
    Reply,
    ReplyForm,
    RequestTable,
    Service,
    ServiceCall,
    ServiceColumn,
)
from skyloom.engine.ports import OpenService
from skyloom.workspace.local import LocalWorkspace
from skyloom.workspace.settings import read_settings
from tests.contracts.services import Canvas, add_dataset, error_of, port, request, results

pytestmark = pytest.mark.real("sandbox")

PLAIN = ReplyForm()
ROWS = [{"x": 1.5, "n": 2, "s": "a"}]


@pytest.fixture(scope="module")
def workspace() -> Iterator[LocalWorkspace]:
    with tempfile.TemporaryDirectory(prefix="skyloom-services-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        made = LocalWorkspace(read_settings(Path(folder)))
        try:
            if made.doctor()["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            add_dataset(made, "rows", pd.DataFrame({"x": [0.5, 1.5], "n": [1, 2], "s": ["a", "b"]}))
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def canvas(workspace: LocalWorkspace) -> Canvas:
    return Canvas(workspace.modules())


@contextmanager
def opened(workspace: LocalWorkspace, graph: Graph, **more: Any) -> Iterator[OpenService]:
    service = workspace.services.open(Service(graph, workers=more.pop("workers", 1), **more))
    try:
        yield service
    finally:
        service.close()


def ask(service: OpenService, body: bytes, form: ReplyForm = PLAIN) -> Reply:
    """An answer, for a test that is not in the service's loop."""
    loop = service._loop  # type: ignore[attr-defined]
    return asyncio.run_coroutine_threadsafe(service.answer(body, form), loop).result(60)


def ask_many(service: OpenService, bodies: list[bytes]) -> list[Reply]:
    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(lambda body: ask(service, body), bodies))


def settled(service: OpenService, body: bytes) -> Reply:
    """The answer of a service whose worker is perhaps being replaced."""
    until = time.monotonic() + 60
    while True:
        reply = ask(service, body)
        if reply.status == 200 or time.monotonic() > until:
            return reply
        time.sleep(0.1)


DOUBLE = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["y"] = dataframe1["x"] * 2
    return dataframe1,
"""


@pytest.fixture(scope="module")
def double(workspace: LocalWorkspace, canvas: Canvas) -> Iterator[OpenService]:
    with opened(workspace, canvas.script(DOUBLE)) as service:
        yield service


def test_rows_of_a_call_take_the_place_of_the_design_time_source(double: OpenService) -> None:
    table = results(ask(double, request(ROWS), ReplyForm(has_details=True)))
    assert table == {
        "type": "table",
        "value": {
            "ColumnNames": ["x", "n", "s", "y"],
            "ColumnTypes": ["Double", "Int64", "String", "Double"],
            "Values": [["1.5", "2", "a", "3.0"]],
        },
    }


def test_notation_of_the_answer_follows_the_query_and_not_the_request(double: OpenService) -> None:
    body = request({"ColumnNames": ["s", "x", "n"], "Values": [["a", "1.5", "2"]]})
    assert results(ask(double, body, ReplyForm(is_swagger=True))) == [
        {"x": "1.5", "n": "2", "s": "a", "y": "3.0"}
    ]


def test_call_over_values_from_a_thread(double: OpenService) -> None:
    call = ServiceCall({"input1": RequestTable(("x", "n", "s"), [[1.5, 2, None]])})
    table = double.call_from_thread(call).outputs["output1"]
    assert table.names == ("x", "n", "s", "y")
    assert table.types == ("Double", "Int64", "String", "Double")
    assert list(table.rows) == [["1.5", "2", None, "3.0"]]


def test_call_over_values_raises_the_problem(double: OpenService) -> None:
    with pytest.raises(ProblemError) as caught:
        double.call_from_thread(ServiceCall({"input1": RequestTable(("x",), [[1]])}))
    assert caught.value.problem.code == "W226"


def test_schema_tells_inputs_and_what_a_rehearsal_gave(double: OpenService) -> None:
    columns = (ServiceColumn("x", "Double"), ServiceColumn("n", "Integer"), ServiceColumn("s", "String"))
    assert double.schema.inputs == {"input1": columns}
    assert double.schema.outputs == {"output1": (*columns, ServiceColumn("y", "Double"))}


def test_no_rows(double: OpenService) -> None:
    body = request({"ColumnNames": ["x", "n", "s"], "Values": []})
    assert results(ask(double, body))["value"] == {"ColumnNames": ["x", "n", "s", "y"], "Values": []}


def test_wrong_requests_are_told_and_the_next_call_works(double: OpenService) -> None:
    assert error_of(ask(double, b"")) == (400, "BadArgument", "RequestIsEmpty")
    assert error_of(ask(double, b"{")) == (400, "BadArgument", "RequestBodyInvalid")
    assert error_of(ask(double, b'{"Inputs":{}}')) == (400, "BadArgument", "MissingRequestInput")
    bad_cell = [{"x": "abc", "n": 2, "s": "a"}]
    assert error_of(ask(double, request(bad_cell))) == (400, "BadUserArgument", "InputParseError")
    wrong = (400, "LibraryExecutionError", "TableSchemaColumnCountMismatch")
    assert error_of(ask(double, request([{"x": 1}]))) == wrong
    unexpected = request(ROWS, {"p": 1})
    assert error_of(ask(double, unexpected)) == (400, "BadArgument", "UnexpectedParameter")
    assert ask(double, request(ROWS)).status == 200


def test_request_beyond_the_limit_is_refused(workspace: LocalWorkspace, canvas: Canvas) -> None:
    limits = CallLimits(body_bytes=1000)
    with opened(workspace, canvas.script(DOUBLE), limits=limits) as service:
        assert error_of(ask(service, request(ROWS) + b" " * 2000))[0] == 413
        assert ask(service, request(ROWS)).status == 200


def test_failing_script_is_a_400_with_its_traceback(workspace: LocalWorkspace, canvas: Canvas) -> None:
    text = """
def azureml_main(dataframe1=None, dataframe2=None):
    if dataframe1["x"][0] < 0:
        raise ValueError("below zero")
    return dataframe1,
"""
    with opened(workspace, canvas.script(text)) as service:
        bad = ask(service, request([{"x": -1, "n": 2, "s": "a"}]))
        assert error_of(bad) == (400, "ModuleExecutionError", "85")
        detail = json.loads(bad.body)["error"]["details"][0]
        assert "below zero" in detail["message"] and "dataframe1:" not in detail["message"]
        assert "line 4, in azureml_main" in detail["message"]
        assert detail["target"].startswith("Execute Python Script")
        assert ask(service, request(ROWS)).status == 200
    assert workspace.settings.keeps_locals  # for runs: what answers web services collects nothing
    assert not list(workspace.settings.home.rglob("locals.json"))


def test_script_keeps_its_globals_from_call_to_call(workspace: LocalWorkspace, canvas: Canvas) -> None:
    text = """
calls = []
def azureml_main(dataframe1=None, dataframe2=None):
    calls.append(1)
    dataframe1["calls"] = len(calls)
    return dataframe1,
"""
    with opened(workspace, canvas.script(text)) as service:
        counts = [int(results(ask(service, request(ROWS)))["value"]["Values"][0][-1]) for _ in range(3)]
        assert counts == [counts[0], counts[0] + 1, counts[0] + 2]


DEADLY = """
import os, signal, time
def azureml_main(dataframe1=None, dataframe2=None):
    what = dataframe1["s"][0]
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "exit":
        os._exit(0)
    if what == "hang":
        time.sleep(1000)
    if what == "fill":
        held = [b"x" * (1 << 20) + bytes([n % 256]) for n in range(1 << 14)]
    if what == "rewire":
        import skyloom.runner.serving.worker as worker
        worker.output_json = lambda *words: b"no json"
    if what == "talk":
        print("x" * 3_000_000)
    return dataframe1,
"""


@pytest.fixture(scope="module")
def deadly(workspace: LocalWorkspace, canvas: Canvas) -> Iterator[OpenService]:
    limits = CallLimits(timeout_s=6.0, memory_bytes=400 * 2**20)
    with opened(workspace, canvas.script(DEADLY), limits=limits) as service:
        yield service


def of_kind(kind: str) -> bytes:
    return request([{"x": 1, "n": 1, "s": kind}])


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("die", (400, "ModuleExecutionError", "85")),
        ("exit", (400, "ModuleExecutionError", "85")),
        ("hang", (408, "RequestTimeout", "ScoreRequestTimeout")),
        ("fill", (413, "MemoryQuotaViolation", "OutOfMemoryLimit")),
        ("rewire", (500, "InternalError", "OutputConversionFailed")),
    ],
)
def test_call_that_breaks_its_worker_gets_its_error_and_a_new_worker_takes_over(
    deadly: OpenService, kind: str, told: tuple[int, str, str]
) -> None:
    assert settled(deadly, of_kind("well")).status == 200
    assert error_of(ask(deadly, of_kind(kind))) == told
    if kind == "rewire":  # it lives, and is as it made itself
        deadly_pids = deadly.worker_pids  # type: ignore[attr-defined]
        os.kill(deadly_pids[0], signal.SIGKILL)
    assert settled(deadly, of_kind("well")).status == 200


def test_script_that_prints_without_end_does_not_stand_still(deadly: OpenService) -> None:
    assert settled(deadly, of_kind("well")).status == 200
    assert ask(deadly, of_kind("talk")).status == 200


def test_calls_that_wait_behind_one_that_kills_the_worker_are_answered(deadly: OpenService) -> None:
    assert settled(deadly, of_kind("well")).status == 200
    replies = ask_many(deadly, [of_kind("die"), *[of_kind("well")] * 5])
    assert [reply.status for reply in replies[1:]] == [200] * 5


def test_worker_killed_from_outside_is_replaced(double: OpenService) -> None:
    (pid,) = double.worker_pids  # type: ignore[attr-defined]
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while double.worker_pids in ([], [pid]) and time.monotonic() < until:  # type: ignore[attr-defined]
        time.sleep(0.05)
    assert pid not in double.worker_pids  # type: ignore[attr-defined]
    assert settled(double, request(ROWS)).status == 200


def test_too_many_calls_at_once_get_503(workspace: LocalWorkspace, canvas: Canvas) -> None:
    text = """
import time
def azureml_main(dataframe1=None, dataframe2=None):
    time.sleep(0.5)
    return dataframe1,
"""
    with opened(workspace, canvas.script(text), max_concurrent_calls=2) as service:
        replies = ask_many(service, [request(ROWS)] * 6)
        refused = [reply for reply in replies if reply.status != 200]
        assert len(refused) == 4
        assert {error_of(reply) for reply in refused} == {
            (503, "ServiceUnavailable", "TooManyConcurrentRequests")
        }
        assert service.calls_under_way == 0


def test_closing_ends_calls_under_way_and_later_ones(workspace: LocalWorkspace, canvas: Canvas) -> None:
    text = """
import time
def azureml_main(dataframe1=None, dataframe2=None):
    time.sleep(30)
    return dataframe1,
"""
    limits = CallLimits(timeout_s=60)
    graph = canvas.graph(
        {"script": ("Execute Python Script", {"Python Script": text})},
        {},
        {"input1": "script.Dataset1"},
        {"output1": "script.Result Dataset"},
    )
    with opened(workspace, graph, limits=limits) as service, ThreadPoolExecutor(1) as threads:
        under_way = threads.submit(ask, service, request(ROWS))
        while not service.calls_under_way:
            time.sleep(0.01)
        service.close()
        assert error_of(under_way.result(10))[0] == 503
        assert error_of(ask(service, request(ROWS)))[0] == 503


def test_script_that_does_not_load_is_told_to_every_caller(workspace: LocalWorkspace, canvas: Canvas) -> None:
    with opened(workspace, canvas.script("def azureml_main(:\n")) as service:
        for _ in range(2):
            reply = ask(service, request(ROWS))
            assert error_of(reply) == (400, "ModuleExecutionError", "85")
        assert service.schema.outputs == {"output1": None}


def test_input_without_a_design_time_source_takes_what_comes(
    workspace: LocalWorkspace, canvas: Canvas
) -> None:
    graph = canvas.graph(
        {"script": ("Execute Python Script", {"Python Script": "def azureml_main(t):\n    return t,\n"})},
        {},
        {"input1": "script.Dataset1"},
        {"output1": "script.Result Dataset"},
    )
    with opened(workspace, graph) as service:
        reply = ask(service, request([{"a": 1, "b": "x"}]), ReplyForm(has_details=True))
        assert results(reply)["value"]["ColumnTypes"] == ["Int64", "String"]
        assert service.schema.inputs == {"input1": None}


def test_declared_columns_take_the_place_of_the_schema(workspace: LocalWorkspace, canvas: Canvas) -> None:
    schemas = {"input1": (ServiceColumn("x", "String"),)}
    text = "def azureml_main(t):\n    t['l'] = t['x'].str.len()\n    return t,\n"
    with opened(workspace, canvas.script(text), schemas=schemas) as service:
        assert results(ask(service, request([{"x": 12}])))["value"]["Values"] == [["12", "2"]]


def test_global_parameters(workspace: LocalWorkspace, canvas: Canvas) -> None:
    graph = canvas.graph(
        {"data": "rows", "sql": ("Apply SQL Transformation", {"SQL Query Script": ParameterRef("query")})},
        {"sql.Table1": "data.data"},
        {"input1": "sql.Table1"},
        {"output1": "sql.Results dataset"},
        [Parameter("query", "script", "select x from t1")],
    )
    with opened(workspace, graph) as service:
        assert results(ask(service, request(ROWS)))["value"]["ColumnNames"] == ["x"]
        other = ask(service, request(ROWS, {"query": "select n * 2 as m from t1"}))
        assert results(other)["value"] == {"ColumnNames": ["m"], "Values": [["4"]]}
        assert results(ask(service, request(ROWS)))["value"]["ColumnNames"] == ["x"]
        wrong = request(ROWS, {"qery": "select 1"})
        assert error_of(ask(service, wrong)) == (400, "BadArgument", "UnexpectedParameter")
        assert [parameter.name for parameter in service.schema.parameters] == ["query"]


def test_required_global_parameter(workspace: LocalWorkspace, canvas: Canvas) -> None:
    graph = canvas.graph(
        {"data": "rows", "sql": ("Apply SQL Transformation", {"SQL Query Script": ParameterRef("query")})},
        {"sql.Table1": "data.data"},
        {"input1": "sql.Table1"},
        {"output1": "sql.Results dataset"},
        [Parameter("query", "script")],
    )
    with opened(workspace, graph) as service:
        missing = (400, "BadArgument", "MissingRequiredGlobalParameters")
        assert error_of(ask(service, request(ROWS))) == missing
        assert ask(service, request(ROWS, {"query": "select 1 as one"})).status == 200


def test_several_inputs_and_outputs_with_a_fixed_table(workspace: LocalWorkspace, canvas: Canvas) -> None:
    """Scripts have boxes of their own, so that tables pass between three of them here."""
    first = "def azureml_main(a, b):\n    a['first'] = len(b)\n    return a, b\n"
    second = "def azureml_main(a, b):\n    a['second'] = b['n'].sum()\n    return a,\n"
    graph = canvas.graph(
        {
            "data": "rows",
            "one": ("Execute Python Script", {"Python Script": first}),
            "join": ("Apply SQL Transformation", {"SQL Query Script": "select x, first from t1"}),
            "two": ("Execute Python Script", {"Python Script": second}),
        },
        {
            "one.Dataset1": "data.data",
            "one.Dataset2": "data.data",
            "join.Table1": "one.Result Dataset",
            "two.Dataset1": "join.Results dataset",
            "two.Dataset2": "data.data",
        },
        {"left": "one.Dataset1", "right": "one.Dataset2"},
        {"scored": "two.Result Dataset", "kept": "one.Result Dataset2", "fixed": "data.data"},
    )
    with opened(workspace, graph) as service:
        reply = ask(service, request(left=ROWS, right=ROWS * 3), ReplyForm(is_swagger=True))
        assert list(json.loads(reply.body)["Results"]) == ["scored", "kept", "fixed"]
        assert results(reply, "scored") == [{"x": "1.5", "first": "3", "second": "3"}]
        assert len(results(reply, "kept")) == 3
        assert len(results(reply, "fixed")) == 2


def test_what_a_script_writes_into_a_fixed_table_is_not_seen_by_the_next_call(
    workspace: LocalWorkspace, canvas: Canvas
) -> None:
    text = """
def azureml_main(a, fixed):
    a["seen"] = fixed["n"].sum()
    fixed.loc[0, "n"] = 1000
    fixed["n"] += 1
    return a,
"""
    graph = canvas.graph(
        {"data": "rows", "script": ("Execute Python Script", {"Python Script": text})},
        {"script.Dataset1": "data.data", "script.Dataset2": "data.data"},
        {"input1": "script.Dataset1"},
        {"output1": "script.Result Dataset"},
    )
    with opened(workspace, graph) as service:
        for _ in range(3):
            assert results(ask(service, request(ROWS)))["value"]["Values"] == [["1.5", "2", "a", "3"]]


def test_bundle_is_there_for_the_script(workspace: LocalWorkspace, canvas: Canvas) -> None:
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        bundle.writestr("Lucky.py", "number = 7\n")
    content.seek(0)
    workspace.register_dataset("lucky.zip", workspace.upload(content, "lucky.zip", "Zip"))
    text = "import Lucky\ndef azureml_main(t):\n    t['lucky'] = Lucky.number\n    return t,\n"
    graph = canvas.graph(
        {"data": "rows", "script": ("Execute Python Script", {"Python Script": text})},
        {"script.Dataset1": "data.data"},
        {"input1": "script.Dataset1"},
        {"output1": "script.Result Dataset"},
    )
    from dataclasses import replace

    from skyloom.core.data_reference import DatasetVersion
    from skyloom.core.graph import DataNode, Edge
    from skyloom.core.identity import NodeId

    zip_node = DataNode(NodeId("zip"), DatasetVersion("lucky.zip", 1), "Zip")
    graph = replace(
        graph,
        nodes=(*graph.nodes, zip_node),
        edges=(*graph.edges, Edge(port("zip.data"), port("script.Script Bundle"))),
    )
    with opened(workspace, graph) as service:
        assert results(ask(service, request(ROWS)))["value"]["Values"][0][-1] == "7"


def scoring_graph(canvas: Canvas, append: bool) -> Graph:
    """Train once; score on each call, behind a step that is not prepared for arrays."""
    return canvas.graph(
        {
            "rows": "features",
            "labelled": "labelled",
            "learner": ("Two-Class Logistic Regression", {}),
            "train": ("Train Model", {"Label column": ["label"]}),
            "score": ("Score Model", {"Append score columns to output": append}),
        },
        {
            "train.Untrained model": "learner.Untrained model",
            "train.Dataset": "labelled.data",
            "score.Trained model": "train.Trained model",
            "score.Dataset": "rows.data",
        },
        {"input1": "score.Dataset"},
        {"output1": "score.Scored dataset"},
    )


@pytest.fixture(scope="module")
def features(workspace: LocalWorkspace) -> pd.DataFrame:
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.standard_normal((60, 3)), columns=["a", "b", "c"])
    frame["word"] = np.where(frame["a"] > 0, "up", "down")
    frame.loc[3, "b"] = np.nan
    labelled = frame.assign(label=(frame["a"] + frame["c"] > 0).map({True: "yes", False: "no"}))
    add_dataset(workspace, "features", frame)
    add_dataset(workspace, "labelled", labelled)
    return frame


@pytest.mark.parametrize("append", [True, False])
def test_service_gives_what_the_graph_gives_as_an_experiment(
    workspace: LocalWorkspace, canvas: Canvas, features: pd.DataFrame, append: bool
) -> None:
    from skyloom.core.plan import plan_run
    from skyloom.data.table_file import open_table
    from skyloom.data.to_frame import frame_from_table
    from skyloom.engine.service_parts import FixedParts

    graph = scoring_graph(canvas, append)
    parts = FixedParts(workspace._world, Service(graph), plan_run(graph, {}))
    staged = parts.staged(port("score.Scored dataset"))
    expected = frame_from_table(open_table(staged.path, dict(staged.files)))
    rows = json.loads(features.to_json(orient="records", double_precision=15))
    exact = features.astype(object).where(features.notna(), None).values.tolist()
    assert len(rows) == len(exact)
    body = request({"ColumnNames": list(features), "Values": [list(map(_text, row)) for row in exact]})
    with opened(workspace, graph) as service:
        value = results(ask(service, body))["value"]
        assert value["ColumnNames"] == list(expected)
        for name, cells in zip(value["ColumnNames"], zip(*value["Values"], strict=True), strict=True):
            if expected[name].dtype == "float64":
                found = np.array([np.nan if cell is None else float(cell) for cell in cells])
                np.testing.assert_array_equal(found, expected[name].to_numpy())
            else:
                assert list(cells) == expected[name].tolist()


def _text(cell: Any) -> Any:
    return None if cell is None else str(cell)


def test_graph_that_cannot_be_a_service_is_refused(
    workspace: LocalWorkspace, canvas: Canvas, features: pd.DataFrame
) -> None:
    graph = scoring_graph(canvas, True)
    from dataclasses import replace

    for outputs, code in (
        ((), "W201"),
        ((replace(graph.outputs[0], source=port("train.Trained model")),), "W202"),
    ):
        with pytest.raises(ProblemError) as caught:
            workspace.services.open(Service(replace(graph, outputs=outputs)))
        assert caught.value.problem.code == code


def test_fixed_part_that_fails_is_told_when_the_service_is_opened(
    workspace: LocalWorkspace, canvas: Canvas
) -> None:
    text = "def azureml_main(a, b):\n    raise ValueError('never')\n"
    graph = canvas.graph(
        {
            "data": "rows",
            "fixed": ("Execute Python Script", {"Python Script": text}),
            "add": ("Add Columns", {}),
        },
        {"add.Left dataset": "data.data", "fixed.Dataset1": "data.data"},
        {},
        {},
    )
    spec = next(spec for spec in workspace.modules() if spec.name == "Add Columns")
    left, right = (item.name for item in spec.inputs)
    graph = canvas.graph(
        {
            "data": "rows",
            "fixed": ("Execute Python Script", {"Python Script": text}),
            "add": ("Add Columns", {}),
        },
        {f"add.{left}": "data.data", f"add.{right}": "fixed.Result Dataset", "fixed.Dataset1": "data.data"},
        {"input1": f"add.{left}"},
        {"output1": f"add.{spec.outputs[0].name}"},
    )
    with pytest.raises(ProblemError) as caught:
        workspace.services.open(Service(graph))
    assert caught.value.problem.code == "W203"
    assert "never" in caught.value.problem.message + caught.value.problem.traceback
