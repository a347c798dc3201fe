"""Storage, environments, stores, computes, batch and usage over the network: who may, and what is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from skyloom.server.answers import ANSWERS, SHAPES
from skyloom.server.descriptions import NATIVE
from skyloom.server.routes import keeping, places, service_use

from .memory_keeping import MADE
from .web import Web, make_web

ROUTES = [
    (method, route.path)
    for noun in (keeping.ROUTES, places.ROUTES, places.PAGE_ROUTES, service_use.ROUTES)
    for route in noun
    for method in sorted((route.methods or set()) - {"HEAD"})
]


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return make_web(tmp_path)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Web:
    """One for all who are turned away."""
    return make_web(tmp_path_factory.mktemp("door"))


def ask(web: Web, method: str, path: str, body: Any = None, scope: str = "admin", status: int = 200) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    answer = web.ask(method, f"/api/v1{path}", content, token=web.token(scope))
    assert answer.status == status, answer.body
    return answer.json


def check(route: tuple[str, str], answer: Any) -> Any:
    document = {**ANSWERS[route], "components": {"schemas": SHAPES.named}}
    jsonschema_rs.Draft202012Validator(document).validate(answer)
    return answer


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_is_answered_without_a_token(door: Web, method: str, path: str) -> None:
    filled = path.replace("{", "").replace("}", "")
    assert door.ask(method, f"/api/v1{filled}").status == 401


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if NATIVE[route].scope != "read"])
def test_who_may_only_read_changes_nothing(door: Web, method: str, path: str) -> None:
    filled = path.replace("{", "").replace("}", "")
    answer = door.ask(method, f"/api/v1{filled}", b"{}", token=door.token("read"))
    assert (answer.status, answer.json["code"]) == (403, "A103")


def test_storage_is_told_and_a_clean_up_is_a_dry_run_unless_it_is_said(web: Web) -> None:
    check(("GET", "/storage/use"), ask(web, "GET", "/storage/use"))
    wish = {"parts": ["results", "logs"]}
    said = check(("POST", "/storage/clean"), ask(web, "POST", "/storage/clean", wish))
    assert said["dry_run"] is True
    done = ask(web, "POST", "/storage/clean", {**wish, "dry_run": False})
    assert [one["size_bytes"] for one in done["parts"]] == [100, 100]
    again = ask(web, "POST", "/storage/clean", wish)
    assert [one["size_bytes"] for one in again["parts"]] == [0, 0]
    assert ask(web, "POST", "/storage/clean", {"parts": ["home"]}, status=400)["code"] == "W380"


def test_who_made_content_is_told(web: Web) -> None:
    told = check(("GET", "/artifacts/{digest}/maker"), ask(web, "GET", f"/artifacts/{MADE}/maker"))
    assert told["maker"]["node"] == "train"
    nobody = ask(web, "GET", f"/artifacts/sha256:{'0' * 64}/maker")
    assert nobody == {"maker": None}
    assert ask(web, "GET", "/artifacts/x/maker", status=404)["code"] == "A111"


def test_an_environment_is_built_told_of_and_removed(web: Web) -> None:
    (one,) = check(("GET", "/environments"), ask(web, "GET", "/environments"))["environments"]
    digest = one["digest"]
    built = ask(web, "POST", "/environments/build", {"digest": digest}, status=202)
    assert check(("POST", "/environments/build"), built)["state"] == "built"
    log = ask(web, "GET", f"/environments/log?digest={digest}")
    assert check(("GET", "/environments/log"), log)["lines"] == 1
    ask(web, "DELETE", f"/environments?digest={digest}")
    assert ask(web, "GET", "/environments")["environments"][0]["state"] == "not built"


# --- datastores -------------------------------------------------------------------------------------------


def folder_store(web: Web, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("SKYLOOM_FILE_ROOTS", str(folder))
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text("1,2\n")
    (folder / "sub" / "deep" / "b.csv").write_text("12345")
    body = {"datastore": {"name": "mine", "kind": "LocalFolder", "settings": {"path": str(folder)}}}
    made = ask(web, "POST", "/stores", body, status=201)
    check(("POST", "/stores"), made)
    return dict(made)


def test_a_folder_is_registered_tried_browsed_and_forgotten(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_store(web, tmp_path / "data", monkeypatch)
    told = check(("GET", "/stores"), ask(web, "GET", "/stores"))["stores"]
    assert [(one["name"], one["is_default"], one["is_usual"]) for one in told] == [
        ("workspaceblobstore", True, True),
        ("workspacefilestore", False, True),
        ("mine", False, False),
    ]
    tried = check(("POST", "/stores/{name}/test"), ask(web, "POST", "/stores/mine/test"))
    assert tried["reached"] is True
    top = check(("GET", "/stores/{name}/level"), ask(web, "GET", "/stores/mine/level"))
    assert top["items"] == [
        {"name": "sub", "is_folder": True, "size": 5, "files": 1},
        {"name": "a.csv", "is_folder": False, "size": 4},
    ]
    assert ask(web, "GET", "/stores/mine/level?path=sub/deep")["items"][0]["name"] == "b.csv"
    ask(web, "PUT", "/stores/mine/default")
    assert [one["name"] for one in ask(web, "GET", "/stores")["stores"] if one["is_default"]] == ["mine"]
    ask(web, "DELETE", "/stores/mine")
    told = ask(web, "GET", "/stores")["stores"]
    assert [one["name"] for one in told if one["is_default"]] == ["workspaceblobstore"]
    assert (tmp_path / "data" / "a.csv").exists()


def test_a_store_that_is_gone_says_so(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_store(web, tmp_path / "data", monkeypatch)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    tried = ask(web, "POST", "/stores/mine/test")
    assert tried["reached"] is False and "P233" in tried["said"]


@pytest.mark.parametrize("path", ["../..", "sub/../../x", "%00"])
def test_no_path_leads_out_of_a_store(
    web: Web, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_store(web, tmp_path / "data", monkeypatch)
    assert ask(web, "GET", f"/stores/mine/level?path={path}", status=422)["code"] == "R311"


SQL = {
    "datastore": {
        "name": "base",
        "kind": "AzurePostgreSql",
        "settings": {"server_name": "db", "database_name": "sales"},
    },
    "secrets": {"user_id": "ada", "user_password": "hush-hush-1"},
}


def seen_from(app: ASGIApp, address: str) -> ASGIApp:
    """The application as it answers somebody at that address."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "client": (address, 40000)}, receive, send)

    return answer


def test_what_opens_a_store_comes_in_and_never_goes_out(web: Web) -> None:
    web.app = seen_from(web.app, "127.0.0.1")
    made = ask(web, "POST", "/stores", SQL, status=201)
    told = [made, *(ask(web, "GET", path) for path in ("/stores", "/datastores"))]
    told.append(ask(web, "POST", "/stores/base/test"))
    assert made["has_secret"] is True and made["where"] == "db/sales"
    assert "hush-hush" not in json.dumps(told)


def test_what_opens_a_store_is_not_taken_in_the_open(web: Web) -> None:
    web.app = seen_from(web.app, "192.0.2.7")
    assert ask(web, "POST", "/stores", SQL, status=403)["code"] == "W384"
    assert "base" not in [one["name"] for one in ask(web, "GET", "/stores")["stores"]]


# --- compute targets --------------------------------------------------------------------------------------


def test_a_pool_is_made_changed_and_removed(web: Web) -> None:
    wish = {"name": "gpu-pool", "min_nodes": 1, "max_nodes": 3, "idle_s": 60}
    made = check(("PUT", "/computes"), ask(web, "PUT", "/computes", wish, scope="submit"))
    assert [node["state"] for node in made["pool"]["nodes"]] == ["idle"]
    ask(web, "PUT", "/computes", {**wish, "max_nodes": 2, "min_nodes": 0})
    (one,) = check(("GET", "/computes"), ask(web, "GET", "/computes"))["computes"]
    assert one["pool"]["settings"]["max_nodes"] == 2
    ask(web, "DELETE", "/computes/gpu-pool")
    assert ask(web, "GET", "/computes") == {"computes": []}
    assert ask(web, "DELETE", "/computes/gpu-pool", status=404)["code"] == "C110"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "local"},
        {"name": "../x"},
        {"min_nodes": 5},
        {"max_nodes": 0},
        {"idle_s": -1},
        {"max_nodes": "2"},
    ],
)
def test_a_pool_that_cannot_be_is_refused(web: Web, change: dict[str, Any]) -> None:
    wish = {"name": "pool", "min_nodes": 0, "max_nodes": 3, "idle_s": 60, **change}
    assert ask(web, "PUT", "/computes", wish, status=400)["code"] == "W385"


def test_a_pool_at_work_stays(web: Web) -> None:
    ask(web, "PUT", "/computes", {"name": "pool", "max_nodes": 1})
    pools = web.workspace.pipelines.pools
    lease = pools.take("pool", "run", "node", lambda: None)  # type: ignore[arg-type]
    assert lease is not None
    assert ask(web, "DELETE", "/computes/pool", status=409)["code"] == "W386"
    assert pools.take("pool", "other", "node", lambda: None) is None  # type: ignore[arg-type]
    assert ask(web, "GET", "/computes")["computes"][0]["pool"]["waiting"] == 1
    lease.release()
    ask(web, "DELETE", "/computes/pool")
