"""A Databricks workspace over HTTP as far as steps need one: Jobs and DBFS, as their documentation has them.

Jobs 2.1 (2.2, which newer clients ask for, adds paging): runs/submit, get, get-output, export, cancel.
What a job does is a function of the test's, over the files of its dbfs:/.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Files = dict[str, bytes]
Work = Callable[
    [Mapping[str, Any], Files], Mapping[str, Any]
]  # task, files -> output; "state" is the result's


@dataclass
class Databricks:
    """What the workspace holds; ``url`` is where it answers."""

    work: Work
    token: str = "dapi-token"
    url: str = ""
    files: Files = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)  # that were made, empty or not
    submitted: list[dict[str, Any]] = field(default_factory=list)
    canceled: list[int] = field(default_factory=list)
    looks: dict[int, int] = field(default_factory=dict)
    outputs: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    goes_on: bool = False  # jobs do not end by themselves
    _handles: dict[int, str] = field(default_factory=dict)

    def answer(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and body."""
        area, _, verb = path.removeprefix("/api/").partition("/")
        if not area.startswith("2."):
            return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": path}
        method = getattr(self, "_" + verb.replace("/", "_").replace("-", "_"), None)
        if method is None:
            return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"No API found for '{path}'"}
        found: tuple[int, Any] = method(body)
        return found

    # -- jobs ---------------------------------------------------------------------------------------------

    def _jobs_runs_submit(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        if not body.get("tasks"):
            return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "No task is given."}
        self.submitted.append(dict(body))
        return 200, {"run_id": len(self.submitted)}

    def _jobs_runs_get(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        run = int(body["run_id"])
        looks = self.looks[run] = self.looks.get(run, 0) + 1
        task = self.submitted[run - 1]["tasks"][0]
        state: dict[str, Any] = {"life_cycle_state": "PENDING" if looks == 1 else "RUNNING"}
        if run in self.canceled:
            state = {"life_cycle_state": "TERMINATED", "result_state": "CANCELED"}
        elif looks > 2 and not self.goes_on:
            if run not in self.outputs:
                self.outputs[run] = self.work(task, self.files)
            result = self.outputs[run].get("state", "SUCCESS")
            state = {"life_cycle_state": "TERMINATED", "result_state": result, "state_message": ""}
        page = f"{self.url}/?o=1#job/7/run/{run}"
        part = {"run_id": 1000 + run, "task_key": task["task_key"], "state": state}
        return 200, {"run_id": run, "run_page_url": page, "state": state, "tasks": [part]}

    def _jobs_runs_get_output(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        found = self.outputs[int(body["run_id"]) - 1000]
        return 200, {key: value for key, value in found.items() if key != "state"}

    def _jobs_runs_export(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        return 200, {"views": [{"content": "<html>the notebook</html>", "name": "nb", "type": "NOTEBOOK"}]}

    def _jobs_runs_cancel(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        self.canceled.append(int(body["run_id"]))
        return 200, {}

    # -- dbfs ---------------------------------------------------------------------------------------------

    def _dbfs_create(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        handle = len(self._handles) + 1
        self._handles[handle] = _plain(body["path"])
        self.files[_plain(body["path"])] = b""
        return 200, {"handle": handle}

    def _dbfs_add_block(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        self.files[self._handles[int(body["handle"])]] += base64.b64decode(body["data"])
        return 200, {}

    def _dbfs_close(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        return 200, {}

    def _dbfs_get_status(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        path = _plain(body["path"])
        if path in self.files:
            return 200, {"path": path, "is_dir": False, "file_size": len(self.files[path])}
        if path in self.folders or any(name.startswith(path + "/") for name in self.files):
            return 200, {"path": path, "is_dir": True, "file_size": 0}
        return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"No file or directory: {path}"}

    def _dbfs_list(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        path = _plain(body["path"])
        if path in self.files:
            return 200, {"files": [{"path": path, "is_dir": False, "file_size": len(self.files[path])}]}
        below = {
            name[len(path) + 1 :].partition("/")[0] for name in self.files if name.startswith(path + "/")
        }
        listed = [self._dbfs_get_status({"path": f"{path}/{name}"})[1] for name in sorted(below)]
        return 200, {"files": listed}

    def _dbfs_mkdirs(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        self.folders.add(_plain(body["path"]))
        return 200, {}

    def _dbfs_read(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        start = int(body.get("offset", 0))
        piece = self.files[_plain(body["path"])][start : start + int(body["length"])]
        return 200, {"bytes_read": len(piece), "data": base64.b64encode(piece).decode()}

    def _dbfs_delete(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        path = _plain(body["path"])
        for name in [name for name in self.files if name == path or name.startswith(path + "/")]:
            del self.files[name]
        self.folders = {name for name in self.folders if name != path and not name.startswith(path + "/")}
        return 200, {}


def _plain(path: str) -> str:
    return "/" + path.removeprefix("dbfs:").strip("/")


@contextmanager
def databricks_workspace(work: Work) -> Iterator[Databricks]:
    """A workspace on loopback; its thread has ended when the block has."""
    workspace = Databricks(work)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._reply(parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._reply(urlsplit(self.path).path, json.loads(content or b"{}"))

        def _reply(self, path: str, body: Mapping[str, Any]) -> None:
            if path.startswith("/.well-known/"):
                status, answer = 404, {}
            elif self.headers.get("Authorization") != f"Bearer {workspace.token}":
                status, answer = 403, {"error_code": "PERMISSION_DENIED", "message": "Invalid access token."}
            else:
                status, answer = workspace.answer(path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    workspace.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield workspace
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
