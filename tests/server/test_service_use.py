"""Batch jobs and usage of a service as the page asks for them, over a workspace in memory."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from skyloom.server.answers import ANSWERS, SHAPES

from .asking import Answer
from .test_batch import TABLE, Batched

AT = "/services/{service}/endpoints/{endpoint}"


@pytest.fixture
def batched(tmp_path: Path) -> Batched:
    return Batched(tmp_path)


def asked(batched: Batched, method: str, path: str, body: Any = None, scope: str = "submit") -> Answer:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    target = f"/api/v1/services/{batched.service}/endpoints/default{path}"
    return batched.web.ask(method, target, content, token=batched.web.token(scope))


def check(route: tuple[str, str], answer: Answer, status: int = 200) -> Any:
    assert answer.status == status, answer.body
    document = {**ANSWERS[route], "components": {"schemas": SHAPES.named}}
    jsonschema_rs.Draft202012Validator(document).validate(answer.json)
    return answer.json


def test_a_file_becomes_a_job_that_is_watched_and_its_result_saved(batched: Batched) -> None:
    kept = check(("PUT", f"{AT}/files"), asked(batched, "PUT", "/files?name=../people.csv", TABLE), 201)
    assert kept["blob"].endswith("/people.csv") and ".." not in kept["blob"]
    made = asked(batched, "POST", "/jobs", {"inputs": {"input1": kept["blob"]}})
    job = check(("POST", f"{AT}/jobs"), made, 201)
    assert "inputs" not in job
    until = time.monotonic() + 30
    while (told := asked(batched, "GET", "/jobs", scope="read").json["jobs"][0])["status"] == "Running":
        assert asked(batched, "GET", f"/jobs/{job['id']}/results/output1").status in (404, 200)
        assert time.monotonic() < until
        time.sleep(0.05)
    check(("GET", f"{AT}/jobs"), asked(batched, "GET", "/jobs"))
    assert told["status"] == "Finished" and list(told["outputs"]) == ["output1"]
    result = asked(batched, "GET", f"/jobs/{job['id']}/results/output1", scope="read")
    assert (result.status, result.body) == (200, TABLE)
    assert result.headers["content-disposition"] == "attachment; filename*=utf-8''output1.csv"
    assert asked(batched, "GET", f"/jobs/{job['id']}/results/other").json["code"] == "W387"
    ended = check(("DELETE", f"{AT}/jobs/{{job}}"), asked(batched, "DELETE", f"/jobs/{job['id']}"))
    assert ended["status"] == "Finished"


@pytest.mark.parametrize(
    ("body", "code"),
    [({"inputs": {}}, "W146"), ({"inputs": {"other": "x/a.csv"}}, "W146"), ({"inputs": []}, "A007")],
)
def test_a_job_that_does_not_fit_is_refused(batched: Batched, body: Any, code: str) -> None:
    refused = asked(batched, "POST", "/jobs", body)
    assert refused.status == 400 and refused.json["code"] == code
    assert asked(batched, "GET", "/jobs").json == {"jobs": []}


def test_calls_are_counted_whoever_made_them(batched: Batched) -> None:
    usage = batched.web.workspace.usage
    usage.note(batched.endpoint().id, True, 0.5)
    before = check(("GET", f"{AT}/usage"), asked(batched, "GET", "/usage?span=hour", scope="read"))
    assert (before["total"]["calls"], before["total"]["errors"]) == (1, 1)
    batched.score({"Inputs": {}})
    asked(batched, "POST", "/call", {"Inputs": {}}, scope="admin")
    after = asked(batched, "GET", "/usage?span=hour").json["total"]
    assert after["calls"] == 3
    assert asked(batched, "GET", "/usage?span=year").json["code"] == "W383"
