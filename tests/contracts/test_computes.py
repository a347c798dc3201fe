"""A Task and its Outcome: the same on every compute, whatever machine carries it out."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from skyloom.core.module import PathOf
from skyloom.core.task import Limits, Reason
from skyloom.sdk.driver import driver_file
from tests.contracts.computes import KINDS, USUAL, ComputeRoom, compute_rooms

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("ray")]


@pytest.fixture(scope="module")
def rooms() -> Iterator[Callable[[str], ComputeRoom]]:
    with compute_rooms() as made:
        yield made


@pytest.fixture(params=KINDS)
def room(request: pytest.FixtureRequest, rooms: Callable[[str], ComputeRoom]) -> ComputeRoom:
    return rooms(request.param)


def test_a_step_gets_its_snapshot_and_inputs_and_gives_outputs_files_and_metrics(room: ComputeRoom) -> None:
    given = room.folder({"a.txt": b"one", "sub/b.bin": bytes(range(256)) * 4096})
    did = room.step(
        """
        import os, shutil, sys
        from azureml.core import Run
        shutil.copytree(sys.argv[1], sys.argv[2])
        os.makedirs(sys.argv[2] + "/empty")
        open("outputs/kept.txt", "w").write(os.environ["GREETING"])
        Run.get_context().log("rows", 3)
        print("done", sys.argv[3])
        """,
        arguments=(PathOf("data"), PathOf("made"), "word"),
        inputs={"data": given},
        outputs=("made",),
    )
    assert did.outcome.reason is None, did.stderr
    assert room.files_of(did.collected.outputs["made"]) == room.files_of(given)
    assert [one.name for one in did.collected.others] == ["outputs/kept.txt"]
    assert did.outcome.metrics == (("rows", 3),)
    assert "done word" in did.stdout
    assert did.outcome.isolation != "none"


def test_a_typed_script_gives_a_table(room: ComputeRoom) -> None:
    did = room.script(
        """
        import pandas as pd
        def azureml_main(dataframe1=None, dataframe2=None):
            return pd.DataFrame({"x": [1, 2], "text": ["a", None]}),
        """
    )
    assert did.outcome.reason is None, did.stderr
    assert did.outcome.outputs["Result Dataset"].footer is not None
    assert did.collected.outputs["Result Dataset"].type == "Dataset"


def test_a_step_that_fails_says_why_in_its_own_words(room: ComputeRoom) -> None:
    did = room.step("import sys\nprint('so far')\nraise ValueError('no such column')")
    assert did.outcome.reason == Reason.SCRIPT_ERROR
    assert did.outcome.problem is not None
    assert "no such column" in did.outcome.problem.message + did.outcome.problem.traceback
    assert "skyloom" not in did.outcome.problem.traceback
    assert "so far" in did.stdout


def test_what_a_step_says_is_heard_while_it_runs(room: ComputeRoom) -> None:
    heard: list[tuple[float, str, bytes]] = []
    did = room.step(
        "import time\nprint('early', flush=True)\ntime.sleep(1.5)\nprint('late')",
        on_console=lambda stream, content: heard.append((time.monotonic(), stream, content)),
    )
    ended = time.monotonic()
    early = [moment for moment, stream, content in heard if stream == "stdout" and b"early" in content]
    assert early and ended - early[0] > 1.0
    assert b"".join(content for _, stream, content in heard if stream == "stdout") == did.stdout.encode()


def test_a_cancel_ends_everything_of_a_step_within_two_seconds(room: ComputeRoom) -> None:
    canceled, began = threading.Event(), threading.Event()
    seen: list[float] = []

    def hear(stream: str, content: bytes) -> None:
        began.set()

    def cancel() -> None:
        began.wait(30)
        seen.append(time.monotonic())
        canceled.set()

    thread = threading.Thread(target=cancel)
    thread.start()
    did = room.step(
        "import os, time\nprint('up', flush=True)\nos.fork()\ntime.sleep(600)",
        canceled=canceled,
        on_console=hear,
    )
    took = time.monotonic() - seen[0]
    thread.join()
    assert did.outcome.reason == Reason.CANCELED
    assert took < 4.0  # 2 s and a little on a machine that does other things
    assert room.step("print('the next one runs')").outcome.reason is None


def test_a_step_over_its_time_is_ended(room: ComputeRoom) -> None:
    did = room.step("import time\ntime.sleep(600)", limits=Limits(timeout_s=0.5, disk_bytes=USUAL.disk_bytes))
    assert did.outcome.reason == Reason.TIMEOUT
    assert did.outcome.problem is not None and did.outcome.problem.code == "C005"


def test_what_is_asked_of_a_machine_that_cannot_is_told_as_a_problem(room: ComputeRoom) -> None:
    did = room.step("pass", limits=Limits(timeout_s=60, memory_bytes=None, disk_bytes=1 << 20))
    assert did.outcome.reason is None
    too_much = room.step(
        "import sys\nopen(sys.argv[1], 'wb').write(bytes(8 << 20))",
        arguments=(PathOf("made"),), outputs=("made",), limits=Limits(timeout_s=60, disk_bytes=1 << 20),
    )  # fmt: skip
    assert too_much.outcome.reason in (Reason.DISK, Reason.SCRIPT_ERROR)
    assert too_much.outcome.problem is not None


def test_a_sweep_gives_the_same_in_one_box_and_on_nodes_that_share_no_folder(room: ComputeRoom) -> None:
    """The cluster elsewhere has two nodes: its trials come and go through the exchange."""
    train = """
        import os, sys
        from azureml.core import Run
        rate = float(sys.argv[-1])
        Run.get_context().log("loss", (rate - 2) ** 2)
        open("outputs/rate.txt", "w").write(open(sys.argv[1] + "/a.txt").read() + str(rate))
        if rate == 1:
            sys.exit(7)
        """
    plan = {
        "sampling": "grid",
        "space": {"--rate": ["choice", [[0, 1, 2, 4]]]},
        "metric": "loss",
        "goal": "MINIMIZE",
        "max_total_runs": 4,
        "max_concurrent_runs": 2,
        "max_duration_minutes": 1,
        "policy": {"name": "none"},
    }
    words = ("--metrics", PathOf("all"), "--model_file", "outputs/rate.txt", "--model", PathOf("best"))
    driver = {name: text.decode() for name, text in driver_file("sweep.drive").items()}
    did = room.call(
        {**driver, "_skyloom_sweep.json": json.dumps(plan), "train.py": train},
        (*words, "--", "train.py", PathOf("data")),
        {"data": room.folder({"a.txt": b"rate "})},
        ("all", "best"),
    )
    assert did.outcome.reason is None, did.stderr
    row = {"metric_name": "loss", "run_id": "HD_r_2", "metric_value": 0.0}
    assert did.outcome.metrics == (("best_child_by_primary_metric", row),)
    assert room.bytes_of(did.collected.outputs["best"]) == b"rate 2.0"
    losses = {f"HD_r_{number}": {"loss": [loss]} for number, loss in enumerate((4.0, 1.0, 0.0, 4.0))}
    assert json.loads(room.bytes_of(did.collected.outputs["all"])) == losses
    names = [
        f"hyperdrive/{n}/{name}" for n in range(4) for name in ("outputs/rate.txt", "user_logs/std_log.txt")
    ]
    others = {one.name: one for one in did.collected.others}
    assert sorted(others) == sorted([*names, "azureml-logs/hyperdrive.txt", "hyperdrive/runs.json"])
    told = json.loads(room.bytes_of(others["hyperdrive/runs.json"]))
    assert [one["status"] for one in told["runs"]] == ["Completed", "Failed", "Completed", "Completed"]
    assert told["runs"][1]["message"] == "It ended with code 7."
    nodes = {line.split()[-1] for line in did.stdout.splitlines() if " goes to " in line}
    assert len(nodes) == (2 if room.target == "ray-elsewhere" else 0)


def test_a_node_with_gpus_gives_them_to_its_step(rooms: Callable[[str], ComputeRoom]) -> None:
    """STANDARD_NC6 has one GPU: Ray places the step where one is, and says which."""
    did = rooms("ray").step("import os\nprint('gpus', os.environ.get('CUDA_VISIBLE_DEVICES'))")
    assert "gpus 0" in did.stdout
    plain = rooms("ray elsewhere").step("import os\nprint('gpus', os.environ.get('CUDA_VISIBLE_DEVICES'))")
    assert "gpus None" in plain.stdout or "gpus \n" in plain.stdout
