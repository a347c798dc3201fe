"""The product as its users meet it: the command line, and its agent's socket for the questions of a page."""

from __future__ import annotations

import http.client
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet

from skyloom.client.home import AgentPlace
from skyloom.core.identity import Json
from tests.hostile.evidence import Answer, Columns

COMMAND = Path(sys.executable).with_name("skyloom")
NODE = "script"
_SUITE = {"memory": "1G", "processes": "256", "disk": "512M", "log": "10M"}
MEMORY_BYTES = 1 << 30
TIMEOUT_S, SHORT_TIMEOUT_S = 30, 3


class NotReady(Exception):
    """The product does not run here; the text says why."""


@dataclass(frozen=True)
class Order:
    """One ``skyloom script run``."""

    script: Path
    output: Path
    images: Path
    dataset1: Path | None = None
    bundle: Path | None = None
    timeout_s: int = TIMEOUT_S
    isolation: str = ""

    def words(self) -> list[str]:
        words = [
            "script",
            "run",
            str(self.script),
            "--output",
            str(self.output),
            "--images",
            str(self.images),
        ]
        given = {"dataset1": self.dataset1, "bundle": self.bundle, "isolation": self.isolation, **_SUITE}
        for name, value in {**given, "timeout": self.timeout_s, "environment": "current"}.items():
            words += [f"--{name}", str(value)] if value else []
        return words


@dataclass
class Product:
    """One workspace in a folder of its own, with its agent."""

    home: Path
    secret: str
    least_isolation: str = ""  # empty: the product's own default
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SKYLOOM_")}
        self.environment = {
            **kept,
            "SKYLOOM_HOME": str(self.home),
            "SKYLOOM_IDLE_S": "300",  # an agent whose suite was killed ends by itself
            "SKYLOOM_IMPORT_MEMORY": str(MEMORY_BYTES),
            "SKYLOOM_HOSTILE_SECRET": self.secret,
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_COLOR": "1",
        }
        if self.least_isolation:
            self.environment = {**self.environment, "SKYLOOM_LEAST_ISOLATION": self.least_isolation}
        self.place = AgentPlace(str(self.home))

    # --- the command line ----------------------------------------------------------------------------

    def start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(COMMAND), *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.home.parent,
        )

    def answer(self, command: subprocess.Popen[bytes], patience_s: float) -> Answer:
        """What a command with --json said; one that does not end in time is cut off."""
        try:
            stdout, stderr = command.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            command.send_signal(signal.SIGINT)  # cancels the run, as a person would
            try:
                stdout, stderr = command.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                command.kill()
                stdout, stderr = command.communicate()
            stderr += f"\nthe driver gave up after {patience_s:g} s".encode()
        return Answer(command.returncode, stdout, stderr, _object(stdout))

    def ask(self, *words: str, patience_s: float = 60.0) -> Answer:
        return self.answer(self.start([*words, "--json"]), patience_s)

    def on_terminal(self, words: Sequence[str], patience_s: float = 60.0) -> bytes:
        """What a command without --json writes where a person watches."""
        leader, follower = pty.openpty()
        try:
            shown = subprocess.Popen(
                [str(COMMAND), *words],
                env={**self.environment, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
                stdin=follower,
                stdout=follower,
                stderr=follower,
                cwd=self.home.parent,
                start_new_session=True,
            )
        finally:
            os.close(follower)
        try:
            return _read_terminal(leader, shown, patience_s)
        finally:
            os.close(leader)

    # --- the agent -----------------------------------------------------------------------------------

    def get(self, path: str, timeout_s: float = 10.0) -> tuple[int, bytes]:
        """Status and body of a GET."""
        return self._request("GET", path, timeout_s)

    def agent_pid(self) -> int:
        status, body = self.get("/api/v1/status")
        if status != 200:
            raise NotReady(f"the agent's status route answers {status}")
        return int(json.loads(body)["pid"])

    def first_uid(self) -> int | None:
        """First of the user ids that belong to the agent's boxes; None where they have the agent's own."""
        for facts in self.home.glob("work/instance-*/facts.json"):
            found = json.loads(facts.read_text(encoding="utf-8")).get("first_uid")
            return None if found is None else int(found)
        return None

    def boxes(self) -> set[str]:
        """Names of the boxes that have a folder now."""
        return {path.name for path in self.home.glob("work/instance-*/boxes/*")}

    def stop(self) -> list[str]:
        """End the agent; what it left behind, in words."""
        pid = self.agent_pid()
        self._request("POST", "/api/v1/stop", 10.0)
        until = time.monotonic() + 30
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
            time.sleep(0.05)
        if os.path.exists(f"/proc/{pid}"):
            os.kill(pid, signal.SIGKILL)
            return ["the agent did not end within 30 s of being told to"]
        left = [str(path) for path in self.home.glob("work/instance-*")]
        return [f"the agent left {', '.join(left)}"] if left else []

    def _request(self, method: str, path: str, timeout_s: float) -> tuple[int, bytes]:
        connection = _UnixConnection(self.place.socket_path, timeout_s)
        try:
            connection.request(method, path, headers={"Content-Length": "0"} if method == "POST" else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error).encode()
        finally:
            connection.close()


def read_table(path: Path) -> Columns:
    """Names and cells of a written table; names may repeat."""
    table = pyarrow.parquet.read_table(path, use_threads=False)
    if table.num_columns * table.num_rows > 1_000_000:
        table = table.slice(0, 1)
    return [(name, table.column(place).to_pylist()) for place, name in enumerate(table.column_names)]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("skyloom.localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _object(content: bytes) -> dict[str, Json]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read_terminal(leader: int, shown: subprocess.Popen[bytes], patience_s: float) -> bytes:
    seen = bytearray()
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if not select.select([leader], [], [], 0.2)[0]:
            if shown.poll() is not None:
                break
            continue
        try:
            seen += os.read(leader, 1 << 16)
        except OSError:  # the other side has closed
            break
    if shown.poll() is None:
        try:
            shown.wait(timeout=5)
        except subprocess.TimeoutExpired:
            shown.kill()
            shown.wait()
    return bytes(seen)
