"""One Ray cluster as the agent holds it: the bridge's process, requests to it, what it tells."""

from __future__ import annotations

import base64
import importlib.util
import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from skyloom.compute.ray.processes import end_marked
from skyloom.core.problem import Problem, ProblemError

OnConsole = Callable[[str, bytes], None]
_LEAVES_WITHIN_S = 20.0
_RECORD = "cluster.json"


class ClusterError(Exception):
    """The cluster cannot do what it was asked, in its own words."""


class ClusterEndedError(ClusterError):
    """It is no more, and nothing that it was asked will be answered."""


class RayCluster:
    """Starts with the first request; any thread may ask.

    Parameters
    ----------
    name
        Of the compute target.
    address
        Of a cluster started elsewhere; empty: one of our own.
    folder
        Where its log and what is needed to clean up after it are kept.
    on_lost
        Called with a node's name and why it was lost; with an empty name when the whole cluster was.
    """

    def __init__(self, name: str, address: str, folder: Path, on_lost: Callable[[str, str], None]) -> None:
        self._name = name
        self._address = address
        self._folder = folder
        self._on_lost = on_lost
        self._mark = secrets.token_hex(6)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._consoles: dict[str, OnConsole] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._listener: threading.Thread | None = None
        self._is_over = False

    def ask(self, do: str, **words: Any) -> Future[Any]:
        """Ask; the answer, or a ClusterError in its place."""
        answer: Future[Any] = Future()
        with self._lock:
            try:
                if self._process is None and not self._is_over:
                    self._start()
                number = next(self._numbers)
                self._waiting[number] = answer
                self._send({"id": number, "do": do, "with": words})
            except (OSError, ClusterError) as error:
                self._waiting = {key: one for key, one in self._waiting.items() if one is not answer}
                answer.set_exception(ClusterEndedError(str(error)))
        return answer

    def watch_console(self, call: str, on_console: OnConsole) -> None:
        self._consoles[call] = on_console

    def forget_console(self, call: str) -> None:
        self._consoles.pop(call, None)

    def close(self) -> None:
        """End the nodes, the head and the bridge; everything is gone when this returns."""
        with self._lock:
            self._is_over = True
            process, line = self._process, self._line
        if process is None or line is None:
            return
        try:
            line.shutdown(socket.SHUT_WR)
            process.wait(_LEAVES_WITHIN_S)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        if self._listener is not None:
            self._listener.join()
        self._clean_up()

    def _start(self) -> None:
        if importlib.util.find_spec("ray") is None:
            raise ProblemError(no_ray(self._name))
        self._folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = socket.socketpair()
        words = [sys.executable, "-m", "skyloom.compute.ray.bridge", str(theirs.fileno())]
        environment = dict(os.environ)
        if not self._address:  # Ray reads these when it is loaded
            environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        environment["RAY_USAGE_STATS_ENABLED"] = "0"
        with theirs, open(self._folder / "bridge.log", "ab") as log:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/",
                pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        self._line = ours
        self._note({"mark": self._mark})
        self._listener = threading.Thread(target=self._listen, name=f"ray-{self._name}", daemon=True)
        self._listener.start()
        self._send({"id": 0, "do": "open", "with": {"mark": self._mark, "address": self._address}})

    def _send(self, message: dict[str, Any]) -> None:
        if self._line is None or self._is_over:
            raise ClusterEndedError("the cluster has ended")
        self._line.sendall(json.dumps(message).encode() + b"\n")

    def _listen(self) -> None:
        assert self._line is not None and self._process is not None
        fault = "its bridge ended"
        try:
            with self._line.makefile("rb") as lines:
                for line in lines:
                    told = json.loads(line)
                    if told.get("id") == 0 and "fault" in told:
                        fault = told["fault"]
                    self._take(told)
        except (OSError, ValueError):
            pass  # as good as its end
        with self._lock:
            was_over, self._is_over = self._is_over, True
            self._line.close()
            waiting, self._waiting = list(self._waiting.values()), {}
        for answer in waiting:
            answer.set_exception(ClusterEndedError(fault))
        if not was_over:
            self._process.kill()
            self._process.wait()
            self._clean_up()
            self._on_lost("", fault)

    def _take(self, told: dict[str, Any]) -> None:
        match told.get("event"):
            case "lost":
                self._on_lost(told["node"], told["why"])
            case "console":
                hear = self._consoles.get(told["call"])
                if hear is not None:
                    hear(told["stream"], base64.b64decode(told["content"]))
            case "folder":
                self._note({"mark": self._mark, "folder": told["folder"]})
            case None:
                with self._lock:
                    answer = self._waiting.pop(told["id"], None)
                if answer is not None and "fault" in told:
                    answer.set_exception(ClusterError(told["fault"]))
                elif answer is not None:
                    answer.set_result(told["given"])

    def _note(self, record: dict[str, str]) -> None:
        (self._folder / _RECORD).write_text(json.dumps(record), encoding="utf-8")

    def _clean_up(self) -> None:
        if not self._address:
            clean_up_after(self._folder)


def clean_up_after(folder: Path) -> None:
    """End and remove what a cluster of our own left that lost its agent or its bridge."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    end_marked(str(record.get("mark") or "none"))
    if record.get("folder"):
        shutil.rmtree(record["folder"], ignore_errors=True)
    (folder / _RECORD).unlink(missing_ok=True)


def no_ray(name: str) -> Problem:
    """The problem of a pool that wants Ray where Ray is not installed."""
    return Problem(
        "C140",
        f"The compute target '{name}' is a Ray cluster, and Ray is not installed here.",
        name,
        "pip install 'skyloom[ray]', or create the compute target with provider 'slots'.",
    )
