"""What routes answer is what the OpenAPI document says, field by field: the page relies on it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from skyloom.core.experiment import Experiment
from skyloom.server.answers import ANSWERS, SHAPES, Shapes
from skyloom.server.descriptions import AROUND, NATIVE

from .web import Web, make_web

SCRIPT = {"module": "Execute Python Script", "parameters": {"Python Script": "print(1)"}, "position": [1, 2]}
DOCUMENT = {"schema_version": 1, "name": "e", "nodes": {"s": SCRIPT}}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    return make_web(tmp_path_factory.mktemp("home"))


def check(route: tuple[str, str], answer: Any) -> None:
    document = {**ANSWERS[route], "components": {"schemas": SHAPES.named}}
    jsonschema_rs.Draft202012Validator(document).validate(answer)


def ask(web: Web, method: str, path: str, body: Any = None) -> Any:
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = web.ask(method, f"/api/v1{path}", content, token=web.token("admin"))
    assert answer.status < 300, answer.body
    return answer.json


def test_every_line_belongs_to_a_route() -> None:
    assert ANSWERS.keys() <= NATIVE.keys() | AROUND.keys()


def test_experiments_runs_and_datasets_answer_as_they_say(web: Web) -> None:
    artifact = ask(web, "PUT", "/artifacts?name=t.csv", b"a,b\n1,2\n")
    check(("PUT", "/artifacts"), artifact)
    check(("POST", "/datasets"), ask(web, "POST", "/datasets", {"name": "t", "artifact": artifact}))
    check(("GET", "/datasets"), ask(web, "GET", "/datasets"))
    made = ask(web, "POST", "/experiments", {"document": DOCUMENT})
    check(("POST", "/experiments"), made)
    ran = ask(web, "POST", "/experiments/run", {"experiment": made["id"]})
    check(("POST", "/experiments/run"), ran)
    ask(web, "GET", f"/runs/{ran['run']}/events?wait_s=5")
    for path in ("", "/events", "/why"):
        check(("GET", f"/runs/{{run}}{path}"), ask(web, "GET", f"/runs/{ran['run']}{path}"))
    check(("GET", "/runs"), ask(web, "GET", "/runs"))
    check(("GET", "/experiments"), ask(web, "GET", "/experiments"))
    for end in ("version", "history"):
        check(("GET", f"/experiments/{end}"), ask(web, "GET", f"/experiments/{end}?experiment={made['id']}"))
    digest = artifact["digest"]
    check(("GET", "/artifacts/{digest}/columns"), ask(web, "GET", f"/artifacts/{digest}/columns"))
    check(("GET", "/artifacts/{digest}/rows"), ask(web, "GET", f"/artifacts/{digest}/rows"))
    check(("POST", "/graphs/validate"), ask(web, "POST", "/graphs/validate", {"document": {}}))


@pytest.mark.parametrize("path", ["/modules", "/status", "/tokens", "/doctor"])
def test_what_has_no_place_in_the_address_answers_as_it_says(web: Web, path: str) -> None:
    check(("GET", path), ask(web, "GET", path))


def test_a_fault_has_the_form_that_the_document_gives_it(web: Web) -> None:
    refused = web.ask("GET", "/api/v1/runs/none", token=web.token("read")).json
    schema = {**SHAPES.named["ProblemDocument"], "components": {"schemas": SHAPES.named}}
    jsonschema_rs.Draft202012Validator(schema).validate(refused)


def test_a_real_profile_is_what_is_said_of_profiles() -> None:
    import pandas as pd

    from skyloom.data.from_frame import table_from_frame
    from skyloom.data.profile import profile_table

    frame = pd.DataFrame({"n": [1.0, None, 3.0], "t": ["x", None, "y"], "d": pd.to_datetime(["2020"] * 3)})
    check(("GET", "/artifacts/{digest}/profile"), profile_table(table_from_frame(frame)))


def test_fields_without_a_default_are_the_required_ones() -> None:
    shapes = Shapes()
    shapes.of(Experiment)
    assert shapes.named["Experiment"]["required"] == ["id", "history", "graph", "view"]
    assert "$kind" in json.dumps(shapes.named["ModuleSpec"])
