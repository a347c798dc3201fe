"""Logs of the trace level (services.md 1.5): one blob a call, without a word of its body."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.blob import BlobRef
from skyloom.core.web_services_api import EndpointWish
from skyloom.workspace.blob_store import BlobStore

from .test_webservices import Served
from .web import make_web


class Traced(Served):
    """A service, and the blobs that its diagnostics wrote."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(make_web(home))
        self.written: list[tuple[str, dict[str, Any]]] = []
        put = BlobStore.put

        def keep(store: BlobStore, ref: BlobRef, content: Any, media_type: str = "") -> Any:
            self.written.append((ref.path, json.loads(content.read())))
            content.seek(0)
            return put(store, ref, content, media_type)

        monkeypatch.setattr(BlobStore, "put", keep)

    def trace(self, level: Any) -> None:
        self.web.workspace.web_services.put_endpoint(self.service, "default", EndpointWish(trace_level=level))

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        self.web.workspace.diagnostics.flush()
        return self.written


@pytest.fixture
def traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Traced:
    return Traced(tmp_path, monkeypatch)


def test_nothing_is_written_by_default(traced: Traced) -> None:
    assert traced.score().status == 200 and traced.score(b"no json").status == 400
    assert traced.told() == []


def test_error_writes_faults_by_their_codes_and_no_cell(traced: Traced) -> None:
    traced.trace("Error")
    traced.score()
    answer = traced.score({"Inputs": {"input1": {"ColumnNames": ["a"], "Values": [["fail"]]}}})
    [(path, told)] = traced.told()
    ws, service = traced.web.desk.workspace_id, traced.service
    assert path.startswith(f"ml-diagnostics/{ws}-{service}-default/score/requests/")
    assert told["status"] == answer.status and told["is_fault"] and told["milliseconds"] >= 0
    error = answer.json["error"]
    assert told["codes"] == [error["code"], *(detail["code"] for detail in error["details"])]
    assert told["id"] == answer.headers["x-ms-request-id"]
    assert "fail" not in json.dumps(told)


def test_all_writes_every_call(traced: Traced) -> None:
    traced.trace("All")
    traced.score()
    traced.score(key="wrong")  # not this endpoint's call
    [(_, told)] = traced.told()
    assert (told["status"], told["is_fault"]) == (200, False) and "codes" not in told
    assert "x" not in told and traced.web.workspace.diagnostics.dropped == 0
