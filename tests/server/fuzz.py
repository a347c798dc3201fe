"""Schemathesis over the OpenAPI document of an open port, with and without a token.

``python -m tests.server.fuzz --examples 100`` does it on a real workspace (``make schemathesis``).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from skyloom.client.home import AgentPlace
from skyloom.client.start import AGENT, ensure_agent
from skyloom.client.web import HttpWeb

from .agents import end_agent

# ends the agent, or the tokens that we ask with; holds a request open on purpose
LEFT_OUT = ("/api/v1/stop", "/api/v1/tokens/{token}", "/api/v1/runs/changes")

ECHO = {
    "schema_version": 1,
    "name": "Echo",
    "nodes": {
        "a": {
            "module": "Execute Python Script",
            "parameters": {"Python Script": "def azureml_main(rows=None):\n    return rows,"},
        },
    },
    "inputs": {"input1": {"targets": ["a.Dataset1"]}},
    "outputs": {"output1": "a"},
}
UNLIMITED = {"SKYLOOM_SUBMITS_PER_MINUTE": "1000000", "SKYLOOM_RUNS_AT_ONCE": "1000000"}


@contextmanager
def open_port(home: Path, command: Sequence[str] = AGENT) -> Iterator[tuple[str, str]]:
    """Address and owner's token of an agent that listens."""
    place = AgentPlace(str(home))
    ensure_agent(place, command)
    try:
        web = HttpWeb(place)
        address = str(web.open_port(port=0)["address"])
        token = web.first_token()
        web.close()
        yield address, token
    finally:
        end_agent(place)


def fuzz(
    address: str,
    token: str | None,
    examples: int,
    seed: int,
    known: Mapping[str, str] | None = None,
    phases: str = "examples,coverage,fuzzing",
) -> subprocess.CompletedProcess[str]:
    """Ask everything that the document describes; exit code 0 when nothing answered 5xx.

    ``known`` are path parameters by name: with ids that lead somewhere the handlers behind them are asked.
    """
    document = f"{address}/openapi.json"
    if known:
        document = _with_known(document, known)
    words = [sys.executable, "-m", "schemathesis.cli", "run", document]
    if Path(sys.executable).with_name("schemathesis").exists():
        words = [str(Path(sys.executable).with_name("schemathesis")), "run", document]
    if known:
        words += ["--url", address]
    words += ["--checks", "not_a_server_error", "--phases", phases]
    words += ["--max-examples", str(examples), "--seed", str(seed), "--workers", "1"]
    words += ["--request-timeout", "60", "--suppress-health-check", "all", "--no-color"]
    for path in LEFT_OUT:
        words += ["--exclude-path", path]
    if token is not None:
        words += ["--header", f"Authorization: Bearer {token}"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPOTHESIS")}
    return subprocess.run(words, capture_output=True, text=True, env=clean, cwd=tempfile.gettempdir())


def _with_known(document: str, known: Mapping[str, str]) -> str:
    """A copy of the document in a file, in which these path parameters have one value."""
    with urllib.request.urlopen(document) as answer:
        told = json.load(answer)
    for path in told["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["schema"] = {"type": "string", "enum": [known[parameter["name"]]]}
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(told, file)
    return file.name


def _published(address: str, token: str) -> dict[str, str]:
    """A service and an experiment, and the ids that lead to them."""

    def ask(path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)

    service = ask("/api/v1/services", {"name": "Echo", "document": ECHO})
    endpoint = service["endpoints"][0]
    workspace = endpoint["path"].split("/")[2]
    made = ask("/api/v1/experiments", {"document": ECHO, "name": "Echo"})
    return {
        "ws": workspace,
        "sid": service["id"],
        "service": service["id"],
        "endpoint": endpoint["id"],
        "name": "default",
        "model": "Echo",
        "eid": f"{workspace}.f-id.{made['id']}",
    }


def main() -> int:
    given = argparse.ArgumentParser()
    given.add_argument("--examples", type=int, default=50)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--token", choices=("without", "with"), help="one round alone; both otherwise")
    wanted = given.parse_args()
    worst = 0
    os.environ |= UNLIMITED  # the agent is to be asked, not to refuse
    with tempfile.TemporaryDirectory() as home, open_port(Path(home) / "home") as (address, token):
        for shown in [
            one for one, name in ((None, "without"), (token, "with")) if wanted.token in (None, name)
        ]:
            print(f"--- {'with' if shown else 'without'} a token", flush=True)
            known = _published(address, token) if shown else None
            done = fuzz(address, shown, wanted.examples, wanted.seed, known)
            print(done.stdout, done.stderr, flush=True)
            worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
