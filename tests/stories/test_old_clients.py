"""The unmodified packages azureml 0.2.7 and azmlclient 2.6.0 talk to a real server (services.md 2.6 and 3).

Each client runs under an interpreter of its time with packages of its time, installed once a machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.client.start import ensure_agent
from skyloom.client.web import HttpWeb
from skyloom.compute.interpreters import find_pythons
from skyloom.core.identity import Json
from skyloom.core.state import is_terminal
from skyloom.core.workspace_api import Submission
from tests.environments import HOME

from ..server.agents import end_agent

pytestmark = pytest.mark.xdist_group("old clients")  # what they set up is set up once

STEPS = Path(__file__).parent / "clients"
# interpreter -> packages of its time
DATASETS = {
    "2.7": ("azureml==0.2.7", "pandas==0.24.2", "requests==2.27.1"),
    "3.6": (
        "azureml==0.2.7",
        "pandas==1.1.5",
        "numpy==1.19.5",
        "requests==2.27.1",
        "certifi==2021.10.8",
        "charset-normalizer==2.0.12",
        "idna==3.4",
        "urllib3==1.26.20",
        "python-dateutil==2.9.0.post0",
        "pytz==2024.2",
        "six==1.16.0",
    ),
    "3.7": ("azureml==0.2.7", "pandas==1.3.5", "requests==2.31.0"),
}
# the later rows of services.md 2.6, for `make old-clients`: they say little that the first three do not
LATER = {
    "3.8": ("azureml==0.2.7", "pandas==2.0.3", "requests==2.32.3"),
    "3.9": ("azureml==0.2.7", "pandas==2.3.3", "requests==2.32.5"),
    "3.10": ("azureml==0.2.7", "pandas==2.3.3", "requests==2.32.5"),
    "3.11": ("azureml==0.2.7", "pandas==1.5.3", "numpy==1.26.4", "requests==2.32.5"),
    "3.12": ("azureml==0.2.7", "pandas==3.0.0", "requests==2.32.5"),
    "3.13": ("azureml==0.2.7", "pandas==2.3.3", "requests==2.32.5"),
}
CALLS = ("azmlclient==2.6.0", "pandas==1.3.5", "azure-storage==0.33.0")
# what no server can cure (services.md 2.6): under 3.6 the client closes its stream before pandas reads it
KNOWN_TO_FAIL = {
    "3.6": {
        "open a stream",
        "read a frame from csv",
        "read a frame from tsv without header",
        "an output as a frame",
    },
}
SCRIPT = """
def azureml_main(frame1=None, frame2=None):
    frame1["c"] = frame1["a"] * 2
    return frame1,
"""
TYPED: Json = {
    "module": "Enter Data Manually",
    "parameters": {"Data": "a,b\n1,x\n2,y\n", "DataFormat": "CSV", "HasHeader": True},
}
EXPERIMENT: Json = {
    "schema_version": 1,
    "name": "Made here",
    "nodes": {"typed": TYPED, "csv": {"module": "Convert to CSV", "inputs": {"Dataset": "typed"}}},
}
SERVICE: Json = {
    "schema_version": 1,
    "name": "Double",
    "nodes": {
        "typed": TYPED,
        "script": {
            "module": "Execute Python Script",
            "parameters": {"Python Script": SCRIPT},
            "inputs": {"Dataset1": "typed"},
        },
    },
    "inputs": {"input1": {"targets": ["script.Dataset1"]}},
    "outputs": {"output1": "script"},
}


@dataclass(frozen=True)
class Server:
    """A real agent with an open port."""

    home: Path
    address: str
    token: str
    workspace: str
    web: HttpWeb


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = AgentPlace(str(tmp_path_factory.mktemp("served") / "home"))
    ensure_agent(place)
    try:
        web = HttpWeb(place)
        address = str(web.open_port(port=0)["address"])
        made = web.publish({"name": "Double", "document": SERVICE})
        endpoints = made["endpoints"]
        assert isinstance(endpoints, list) and isinstance(endpoints[0], dict)
        workspace = str(endpoints[0]["path"]).split("/")[2]
        api = HttpWorkspace(place)
        run = api.submit(Submission(EXPERIMENT))
        while not is_terminal(api.run(run).state):
            api.events(run, 0, 1.0)
        yield Server(Path(place.home), address, web.first_token(), workspace, web)
    finally:
        end_agent(place)


def python_with(version: str, packages: tuple[str, ...], label: str) -> tuple[str, Path]:
    """An interpreter, and a folder with the packages; installed when it is not there yet."""
    fitting = [found.path for found in find_pythons() if found.version.startswith(f"{version}.")]
    if not fitting:
        pytest.skip(f"no Python {version} is on this machine")
    folder = HOME / "clients" / f"{label}-{version}"
    done = folder / ".installed"
    if not done.exists() or done.read_text() != "\n".join(packages):
        shutil.rmtree(folder, ignore_errors=True)
        words = [*_installer(fitting[0], version), "-q", "--target", str(folder), *packages]
        made = subprocess.run(words, capture_output=True, text=True, timeout=600)
        if made.returncode != 0:
            last = (made.stderr.strip().splitlines() or ["the installer said nothing"])[-1]
            pytest.skip(f"packages of Python {version} cannot be installed: {last[:200]}")
        done.write_text("\n".join(packages))
    return fitting[0], folder


def _installer(python: str, version: str) -> list[str]:
    """Words that install packages for that Python; uv is much faster than pip, and knows none before 3.6."""
    if version == "2.7":
        return [python, "-m", "pip", "install"]
    return [sys.executable, "-m", "uv", "pip", "install", "--python", python]


def carry_out(python: str, packages: Path, file: str, home: Path, *words: str) -> dict[str, str]:
    """Steps with what went wrong in each; "" where nothing did."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages), "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [python, str(STEPS / file), *words], capture_output=True, text=True, env=environ, timeout=600
    )
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"step"')]
    assert told, done.stderr
    return {one["step"]: one.get("said", "") for one in told}


@pytest.mark.real("old client")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", [*DATASETS, *LATER])
@pytest.mark.xdist_group("old clients")
def test_azureml_lists_reads_uploads_and_updates_datasets(
    server: Server, version: str, tmp_path: Path
) -> None:
    if version in LATER and not os.environ.get("SKYLOOM_OLD_CLIENTS"):
        pytest.skip("'make old-clients' runs the later combinations")
    python, packages = python_with(version, {**DATASETS, **LATER}[version], "azureml")
    words = (server.address, server.workspace, server.token, f"{version}-")
    steps = carry_out(python, packages, "azureml_datasets.py", tmp_path, *words)
    assert len(steps) == 17
    failed = {name: said for name, said in steps.items() if said}
    assert failed.keys() <= KNOWN_TO_FAIL.get(version, set()), failed


@pytest.mark.real("old client")
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("old clients")
def test_azureml_publishes_functions_and_calls_them(server: Server, tmp_path: Path) -> None:
    python, packages = python_with("2.7", DATASETS["2.7"], "azureml")
    words = (server.address, server.workspace, server.token)
    steps = carry_out(python, packages, "azureml_services.py", tmp_path, *words)
    if any("W160" in said for said in steps.values()):
        pytest.skip(f"the server has no runtime: {next(iter(steps.values()))[:300]}")
    assert len(steps) == 7
    assert {name: said for name, said in steps.items() if said} == {}


@pytest.mark.real("old client")
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("old clients")
def test_azmlclient_calls_in_both_notations_and_in_batch(server: Server, tmp_path: Path) -> None:
    python, packages = python_with("3.7", CALLS, "azmlclient")
    [service] = [one for one in server.web.services() if one["name"] == "Double"]
    endpoints = service["endpoints"]
    assert isinstance(endpoints, list) and isinstance(endpoints[0], dict)
    key = str(server.web.keys(str(service["id"]), "default")["primary_key"])
    account_key = str(server.web.storage()["account_key"])
    address = f"{server.address}{endpoints[0]['path']}"
    words = (address, key, server.address, account_key)
    steps = carry_out(python, packages, "azmlclient_calls.py", tmp_path, *words)
    assert len(steps) == 6
    assert {name: said for name, said in steps.items() if said} == {}
