"""A function that the old client published: Python 2.7 byte code in 40 KB of source (services.md 2.4)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.runner.legacy.old_runs import run_old

from skyloom.compute.interpreter import Interpreter

pytestmark = [pytest.mark.real("environment"), pytest.mark.xdist_group("old pythons")]

# publishes to a server of its own and prints what the client sent
PUBLISH = """
import BaseHTTPServer, json, sys, threading
sys.path.insert(0, sys.argv[1])
sent = []
class Management(BaseHTTPServer.BaseHTTPRequestHandler):
    def do_PUT(self):
        sent.append(json.loads(self.rfile.read(int(self.headers['Content-Length']))))
        self.answer({'DefaultEndpointName': 'default'})
    def do_GET(self):
        self.answer({'ApiLocation': 'http://127.0.0.1', 'PrimaryKey': 'key', 'HelpLocation': 'http://127.0.0.1'})
    def answer(self, value):
        body = json.dumps(value)
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = BaseHTTPServer.HTTPServer(('127.0.0.1', 0), Management)
thread = threading.Thread(target=server.serve_forever)
thread.daemon = True
thread.start()
from azureml import services
BASE = 10
where = 'http://127.0.0.1:%d' % server.server_port

@services.publish('workspace', 'token', endpoint=where)
@services.types(a=int, b=float)
@services.returns(float)
def typed(a, b):
    return BASE + a * b

@services.publish('workspace', 'token', endpoint=where)
def untyped(a, b):
    return {'sum': a + b, 'of': [a, b]}

print(json.dumps([one['CodeBundle'] for one in sent]))
"""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What azureml 0.2.7, unmodified, sends for two functions."""
    from tests.old_pythons import interpreter_of

    from skyloom.core.environment import STUDIO_27

    python = interpreter_of(STUDIO_27).path
    folder = tmp_path_factory.mktemp("client")
    command = [
        python,
        "-s",
        "-W",
        "ignore",
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(folder),
    ]
    done = subprocess.run([*command, "azureml==0.2.7"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"azureml 0.2.7 cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    script = Path(folder) / "publish.py"
    script.write_text(PUBLISH)
    told = subprocess.run(
        [python, "-s", "-W", "ignore", str(script), str(folder)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_a_function_with_types_computes(python_27: Interpreter, bundles: Any) -> None:
    assert bundles[0]["Language"] == "python-2.7-64"
    ran = run_old(python_27, bundles[0]["SourceCode"], [pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})])
    assert list(ran.frame()["0"]) == [10.5, 13.0]


def test_values_without_types_travel_in_the_clients_own_encoding(
    python_27: Interpreter, bundles: Any
) -> None:
    cell = '{"type": "int", "value": "%d"}'
    ran = run_old(python_27, bundles[1]["SourceCode"], [pd.DataFrame({"a": [cell % 1], "b": [cell % 2]})])
    value = json.loads(str(ran.frame().iloc[0, 0]))
    assert value["type"] == "dict"
    assert "3" in json.dumps(value)
