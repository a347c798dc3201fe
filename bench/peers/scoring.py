"""Other scoring servers beside ours: the same model, one worker, each in an environment of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import NoLoader, burst, pin_server
from bench.measure import Case, Floor, Measurement, interleaved, line_of, print_line
from bench.peers.environments import NotInstalled, Peer, environment
from bench.score import Loaded, milliseconds_a_request, served
from bench.scoring_model import COLUMNS, request_rows
from bench.workspace import PLACE

STARTED_WITHIN_S = 120.0
ENDED_WITHIN_S = 10.0
SIZES = ((1, 1), (1, 32), (1000, 8))  # rows of a request, connections
PROMISED = (1, 32)  # the size of which a multiple is promised
_FIT = """\
import pickle, sys
sys.path.insert(0, sys.argv[1])
from bench.scoring_model import training_data
from sklearn.linear_model import LogisticRegression
model = LogisticRegression(max_iter=200).fit(*training_data())
"""


@dataclass(frozen=True)
class ScoringPeer:
    """A server.

    Parameters
    ----------
    make
        Puts what the server needs into a folder, with the Python of its environment.
    start
        Words of its command, given that Python, the folder and a port.
    path, body
        Where and what is posted.
    promised
        How many times its requests a second we promise, of one row on 32 connections (performance.md, W4).
    """

    tool: Peer
    make: Callable[[Path, Path], None]
    start: Callable[[Path, Path, int], list[str]]
    path: str
    body: Callable[[int], object]
    promised: float


def measure_scoring(names: list[str] | None, runs: int | None) -> None:
    """Every peer beside ours, one JSON line a case; one that cannot be measured is told with its reason."""
    chosen = [peer for peer in PEERS if not names or peer.tool.name in names]
    if not chosen:
        return
    try:
        with served() as (ours, _):
            for peer in chosen:
                try:
                    _measure(peer, ours["score"], runs or peer.tool.runs)
                except (NotInstalled, RuntimeError, OSError) as error:
                    print_line({"name": f"peer.{peer.tool.name}", "skipped": str(error)[-300:]})
    except NoLoader as error:
        print_line({"name": "peer.scoring", "skipped": str(error)})


def _measure(peer: ScoringPeer, ours: Loaded, runs: int) -> None:
    python = environment(peer.tool, PLACE / "venvs")
    with _running(peer, python) as theirs:
        for rows, connections in SIZES:
            name = f"{rows}_rows_{connections}"
            case = Case(f"peer.{peer.tool.name}.{name}", "ms", _timed(theirs, rows, connections))
            beside = Case(f"skyloom.{name}", "ms", _timed(ours, rows, connections), floors=(Floor(case),))
            taken = interleaved((case, beside), runs)
            line, told = line_of(case, taken), line_of(beside, taken)
            beside_it = {"skyloom": told["median"], "skyloom_to_peer": told["ratio"]}
            if (rows, connections) == PROMISED:
                medians: list[Any] = [line["median"], told["median"]]
                times = medians[0] / medians[1]
                beside_it |= {
                    "times": round(times, 1),
                    "limit": peer.promised,
                    "within": times >= peer.promised,
                }
            problems = {"problems": theirs.problems[:1]} if theirs.problems else {}
            print_line({**line, **beside_it, **problems})


def _timed(loaded: Loaded, rows: int, connections: int) -> Callable[[], Measurement]:
    if connections > 1:
        return lambda: milliseconds_a_request(loaded, rows, connections)

    def latency() -> Measurement:
        found = loaded.burst(rows, connections)
        return Measurement(found.p50, {"requests_per_s": found.rate, "p99": found.p99})

    return latency


@contextmanager
def _running(peer: ScoringPeer, python: Path) -> Iterator[Loaded]:
    with tempfile.TemporaryDirectory(prefix="skyloom-peer-", dir="/var/tmp") as name:
        folder = Path(name)
        peer.make(python, folder)
        bodies = {}
        for rows in {rows for rows, _ in SIZES}:
            bodies[rows] = folder / f"body-{rows}"
            bodies[rows].write_text(json.dumps(peer.body(rows)), encoding="utf-8")
        port = _free_port()
        environ = {
            **{name: os.environ[name] for name in ("LANG",) if name in os.environ},
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "PATH": f"{python.parent}:{os.environ.get('PATH', os.defpath)}",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(
                peer.start(python, folder, port),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=folder, env=environ,
                start_new_session=True, preexec_fn=pin_server,
            )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}{peer.path}"
            _wait(process, address, bodies[1], folder / "said")
            yield Loaded(address, bodies, process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(ENDED_WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, body: Path, said: Path) -> None:
    """Until one request has been answered well."""
    until = time.monotonic() + STARTED_WITHIN_S
    why = "it does not listen"
    while time.monotonic() < until and process.poll() is None:
        wish = urllib.request.Request(address, body.read_bytes(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(wish, timeout=5) as answer:
                answer.read()
                burst(address, body, 1, seconds=1)
                return
        except urllib.error.HTTPError as error:
            why = f"it answers {error.code}: {error.read()[:200]!r}"
        except OSError:
            pass
        time.sleep(0.3)
    raise RuntimeError(f"{why}; {said.read_text('utf-8', 'replace')[-250:]}")


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def _fitted(python: Path, folder: Path, then: str) -> None:
    """Fit the model with the peer's own libraries and keep it as the peer wants it."""
    root = str(Path(__file__).resolve().parents[2])
    words = [str(python), "-c", _FIT + then, root, str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise NotInstalled(done.stderr[-300:])


def _make_mlflow(python: Path, folder: Path) -> None:
    _fitted(
        python, folder, "import mlflow.sklearn\nmlflow.sklearn.save_model(model, sys.argv[2] + '/model')\n"
    )


def _start_mlflow(python: Path, folder: Path, port: int) -> list[str]:
    tool = str(python.parent / "mlflow")
    return [tool, "models", "serve", "-m", "model", "-p", str(port), "--env-manager", "local", "-w", "1"]


def _make_mlserver(python: Path, folder: Path) -> None:
    _fitted(python, folder, "import joblib\njoblib.dump(model, sys.argv[2] + '/model.joblib')\n")
    settings = {
        "name": "model",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
    (folder / "model-settings.json").write_text(json.dumps(settings), encoding="utf-8")


def _start_mlserver(python: Path, folder: Path, port: int) -> list[str]:
    ports = {"http_port": port, "grpc_port": _free_port(), "metrics_port": _free_port()}
    settings = {**ports, "host": "127.0.0.1", "parallel_workers": 0, "debug": False}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return [str(python.parent / "mlserver"), "start", "."]


_SCORE_SCRIPT = """\
import json, pickle
import numpy

def init():
    global model
    with open("model.pickle", "rb") as file:
        model = pickle.load(file)

def run(data):
    rows = numpy.asarray(json.loads(data)["data"], dtype=float)
    return {"result": model.predict_proba(rows)[:, 1].tolist()}
"""


def _make_azureml(python: Path, folder: Path) -> None:
    _fitted(python, folder, "pickle.dump(model, open(sys.argv[2] + '/model.pickle', 'wb'))\n")
    (folder / "score.py").write_text(_SCORE_SCRIPT, encoding="utf-8")


def _start_azureml(python: Path, folder: Path, port: int) -> list[str]:
    tool = str(python.parent / "azmlinfsrv")
    return [tool, "--entry_script", "score.py", "--port", str(port), "--worker_count", "1"]


def _tensor(rows: int) -> object:
    cells = [cell for row in request_rows(rows) for cell in row]
    shape = [rows, len(COLUMNS)]
    return {"inputs": [{"name": "x", "shape": shape, "datatype": "FP64", "data": cells}]}


def _split(rows: int) -> object:
    return {"dataframe_split": {"columns": list(COLUMNS), "data": request_rows(rows)}}


PEERS = (
    ScoringPeer(
        Peer("mlflow-scoring", ("mlflow", "pandas", "scikit-learn"), 3),
        _make_mlflow,
        _start_mlflow,
        "/invocations",
        _split,
        4,
    ),
    ScoringPeer(
        Peer("mlserver", ("mlserver", "mlserver-sklearn"), 3),
        _make_mlserver,
        _start_mlserver,
        "/v2/models/model/infer",
        _tensor,
        2,
    ),
    ScoringPeer(
        Peer(
            "azureml-inference-server", ("azureml-inference-server-http", "scikit-learn", "setuptools<81"), 3
        ),
        _make_azureml,
        _start_azureml,
        "/score",
        lambda rows: {"data": request_rows(rows)},
        2,
    ),
)
