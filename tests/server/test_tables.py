"""Stored content by its digest: what the page asks of outputs, and what it may not have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from skyloom.core.graph_file import graph_from_document
from skyloom.core.identity import Json
from skyloom.studio.run_document import run_document

from .web import Web, make_web

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return make_web(tmp_path)


def kept(web: Web, content: bytes, name: str = "t.csv") -> str:
    answer = web.ask("PUT", f"/api/v1/artifacts?name={name}", content, token=web.token("submit"))
    assert answer.status == 201
    return str(answer.json["digest"])


def asked(web: Web, path: str) -> Any:
    return web.ask("GET", f"/api/v1/artifacts/{path}", token=web.token("read"))


def test_rows_are_a_window_of_chosen_columns(web: Web) -> None:
    table = kept(web, b"a,b\n1,2\n3,4\n5,6\n")
    page = asked(web, f"{table}/rows?offset=1&limit=1&columns=1").json
    assert (page["records"], page["numberOfRows"], page["features"][0]["name"]) == ([["4"]], 3, "b")
    assert asked(web, f"{table}/columns").json["rows"] == 3


@pytest.mark.parametrize("columns", ["x", "-1", "0,,1", "0,1e3", "٣"])
def test_columns_that_do_not_read_are_refused(web: Web, columns: str) -> None:
    answer = asked(web, f"{kept(web, b'a,b')}/rows?columns={columns}")
    assert (answer.status, answer.json["code"]) == (400, "W353")


@pytest.mark.parametrize("end", ["columns", "rows", "profile", "compare?x=0&y=1", "image", "content"])
@pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "sha256:short", "etc", "sha256:" + "g" * 64])
def test_a_digest_that_leads_nowhere_is_not_found(web: Web, digest: str, end: str) -> None:
    answer = asked(web, f"{digest}/{end}")
    assert (answer.status, answer.json["code"]) == (404, "A111")


def test_what_is_no_table_says_so(web: Web) -> None:
    answer = asked(web, f"{kept(web, b'text', 'a.txt')}/rows")
    assert (answer.status, answer.json["code"]) == (409, "W350")


def test_a_column_that_is_not_there_is_named(web: Web) -> None:
    table = kept(web, b"a,b\n1,2\n")
    assert asked(web, f"{table}/compare?x=0&y=1").json["points"] == [["1", "2"]]
    assert asked(web, f"{table}/compare?x=0&y=2").json["code"] == "W351"


def test_a_picture_is_shown_when_it_is_one_and_stays_in_the_browser(web: Web) -> None:
    answer = asked(web, f"{kept(web, PNG, 'p.png')}/image")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "image/png", PNG)
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("content", [SVG, b"GIF89a", b"<html>", b""])
def test_what_only_calls_itself_a_picture_is_not_shown(web: Web, content: bytes) -> None:
    answer = asked(web, f"{kept(web, content, 'p.png')}/image")
    assert (answer.status, answer.json["code"]) == (409, "W352")


@pytest.mark.parametrize("name", ["a.csv", 'a"b;c.csv', "../../x", "<script>", "ü.csv"])
def test_a_download_is_never_shown_as_a_page(web: Web, name: str) -> None:
    answer = asked(web, f"{kept(web, SVG, 'p.svg')}/content?name={quote(name, safe='')}")
    assert answer.headers["content-type"] == "application/octet-stream"
    disposition = answer.headers["content-disposition"]
    assert disposition == f"attachment; filename*=utf-8''{quote(name, safe='')}"


def test_nothing_is_told_without_a_token(web: Web) -> None:
    table = kept(web, b"a,b\n1,2\n")
    for end in ("columns", "rows", "profile", "compare", "image", "content"):
        assert web.ask("GET", f"/api/v1/artifacts/{table}/{end}").status == 401


def test_the_graph_of_a_run_is_drawn_as_its_experiment_was(web: Web) -> None:
    token, workspace = web.token("submit"), web.workspace
    node: Json = {"module": "Execute Python Script", "comment": "here", "position": [3, 4]}
    document: Json = {"schema_version": 1, "name": "drawn", "nodes": {"s": node}}
    made = web.ask("POST", "/api/v1/experiments", json.dumps({"document": document}).encode(), token=token)
    body = json.dumps({"experiment": made.json["id"]}).encode()
    run = workspace.run(web.ask("POST", "/api/v1/experiments/run", body, token=token).json["run"])
    graph, _ = graph_from_document(document, workspace.catalogue)
    told = run_document(run, graph, workspace.experiment_records, workspace.catalogue)
    assert told == {"document": document, "experiment": made.json["id"]}
    other = run_document(replace(run, origin="cli"), graph, workspace.experiment_records, workspace.catalogue)
    assert other["experiment"] is None
    assert "position" not in json.dumps(other["document"])
