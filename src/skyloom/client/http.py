"""HttpWorkspace: WorkspaceApi asked of an agent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from skyloom.client.answers import as_items, as_object, as_text, read_all, read_as
from skyloom.client.connection import Connection, Place
from skyloom.client.experiments import HttpExperiments
from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.revive import revive
from skyloom.core.artifact import Artifact
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.identity import Json, RunId, canonical_json
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, problem_from_json
from skyloom.core.repair import Repair
from skyloom.core.run import Run, RunSummary
from skyloom.core.serialize import to_json
from skyloom.core.task import Limits
from skyloom.core.workspace_api import AS_IT_WAS, ReuseNote, Submission

API = "/api/v1"
LONG_WORK_S = None  # reading, profiling and exporting tables take as long as they take
PAGE = 500


def open_client(home: str | None = None) -> HttpWorkspace:
    """The workspace in ``home``; the first request starts its agent if none runs."""
    return HttpWorkspace(AgentPlace(home or workspace_home()), revive)


class HttpWorkspace:
    """Implements WorkspaceApi; safe to share between threads, each has its own connection."""

    def __init__(self, place: Place, revive: Callable[[AgentPlace], None] | None = None) -> None:
        self.place = place
        self._revive = revive
        self._local = threading.local()

    def close(self) -> None:
        """Close this thread's connection."""
        self._agent.close()

    @property
    def _agent(self) -> Connection:
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = Connection(self.place, self._revive)
        return found

    @property
    def experiments(self) -> HttpExperiments:
        """The use cases of experiments, over the same connection."""
        return HttpExperiments(self._agent)

    # --- runs ---------------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> RunId:
        headers = {"Idempotency-Key": submission.idempotency_key} if submission.idempotency_key else {}
        told = self._agent.send_json(
            "POST", f"{API}/runs", body=_submission_body(submission), headers=headers
        )
        return RunId(as_text(told, "run"))

    def validate(self, document: Json) -> Sequence[Problem]:
        told = self._agent.send_json("POST", f"{API}/graphs/validate", body={"document": document})
        return [problem_from_json(one) for one in as_items(told, "problems")]

    def run(self, run: RunId) -> Run:
        return read_as(Run, self._agent.get_json(f"{API}/runs/{run}"))

    def runs(
        self,
        limit: int = 50,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        properties: Mapping[str, str | None] | None = None,
    ) -> list[RunSummary]:
        query: dict[str, object] = {"limit": limit, "before": before, "experiment": experiment}
        query["tags"] = json.dumps(dict(tags)) if tags else None
        query["properties"] = json.dumps(dict(properties)) if properties else None
        return read_all(RunSummary, self._agent.get_json(f"{API}/runs", query), "runs")

    def events(self, run: RunId, after: int = 0, wait_s: float = 0.0) -> list[RunEvent]:
        told = self._agent.get_json(
            f"{API}/runs/{run}/events", {"after": after, "wait_s": wait_s}, timeout_s=wait_s + 60
        )
        return read_all(RunEvent, told, "events")

    def report(self, run: RunId, export: bool = False) -> dict[str, Json]:
        query = {"export": "true"} if export else {}
        return as_object(self._agent.get_json(f"{API}/runs/{run}/report", query, LONG_WORK_S))

    def cancel(self, run: RunId) -> bool:
        return bool(as_object(self._agent.send_json("POST", f"{API}/runs/{run}/cancel")).get("canceled"))

    def resume(self, run: RunId, repair: Repair = AS_IT_WAS) -> RunId:
        body = None if repair.is_empty else to_json(repair)
        return RunId(as_text(self._agent.send_json("POST", f"{API}/runs/{run}/resume", body=body), "run"))

    def delete_run(self, run: RunId) -> None:
        self._agent.send_json("DELETE", f"{API}/runs/{run}")

    def why(self, run: RunId) -> list[ReuseNote]:
        return read_all(ReuseNote, self._agent.get_json(f"{API}/runs/{run}/why"), "nodes")

    def log(self, run: RunId, node: str, stream: str = "stdout", offset: int = 0) -> bytes:
        query = {"node": node, "stream": stream, "offset": offset}
        return self._agent.request("GET", f"{API}/runs/{run}/log", query)

    # --- datasets and files -------------------------------------------------------------------------

    def upload(
        self, content: BinaryIO, name: str, type: str | None = None, limits: Limits | None = None
    ) -> Artifact:
        query = {"name": name, "type": type, "limits": canonical_json(to_json(limits)) if limits else None}
        headers = length_of(content)
        told = self._agent.send_content("PUT", f"{API}/artifacts", query, content, headers)
        return read_as(Artifact, told)

    def register_dataset(self, name: str, artifact: Artifact, description: str = "") -> Dataset:
        body = {"name": name, "artifact": to_json(artifact), "description": description}
        return read_as(Dataset, self._agent.send_json("POST", f"{API}/datasets", body=body))

    def datasets(self) -> list[Dataset]:
        found: list[Dataset] = []
        after: str | None = None
        while True:
            told = as_object(self._agent.get_json(f"{API}/datasets", {"limit": PAGE, "after": after}))
            found += read_all(Dataset, told, "datasets")
            after = str(told["next"]) if told.get("next") else None
            if after is None:
                return found

    def dataset(self, name: str, version: int = 0) -> Dataset:
        query = {"name": name, "version": version}
        return read_as(Dataset, self._agent.get_json(f"{API}/datasets/version", query))

    def delete_dataset(self, name: str, version: int = 0) -> int:
        query = {"name": name, "version": version}
        told = as_object(self._agent.send_json("DELETE", f"{API}/datasets/version", query))
        return int(str(told.get("deleted", 0)))

    def profile(self, artifact: Artifact) -> dict[str, Json]:
        body = {"artifact": to_json(artifact)}
        return as_object(
            self._agent.send_json("POST", f"{API}/artifacts/profile", body=body, timeout_s=LONG_WORK_S)
        )

    def download(self, artifact: Artifact, format: str) -> str:
        body = {"artifact": to_json(artifact), "format": format}
        told = self._agent.send_json("POST", f"{API}/artifacts/path", body=body, timeout_s=LONG_WORK_S)
        return as_text(told, "path")

    # --- the workspace itself -----------------------------------------------------------------------

    def modules(self) -> list[ModuleSpec]:
        return read_all(ModuleSpec, self._agent.get_json(f"{API}/modules"), "modules")

    def doctor(self) -> dict[str, Json]:
        return as_object(self._agent.get_json(f"{API}/doctor", timeout_s=LONG_WORK_S))

    def status(self) -> dict[str, Json]:
        """The agent itself: process id, version, since when, whether it is idle."""
        return as_object(self._agent.get_json(f"{API}/status"))

    def stop(self) -> dict[str, Json]:
        """Ask the agent to end; runs that live are taken up by the next agent."""
        return as_object(self._agent.send_json("POST", f"{API}/stop"))


def _submission_body(submission: Submission) -> Json:
    body = to_json(submission)
    assert isinstance(body, dict)
    body.pop("idempotency_key", None)
    return body


def length_of(content: BinaryIO) -> dict[str, str]:
    """The length where it can be known; what cannot seek is sent in chunks."""
    headers = {"Content-Type": "application/octet-stream"}
    if content.seekable():
        here = content.tell()
        headers["Content-Length"] = str(content.seek(0, 2) - here)
        content.seek(here)
    return headers
