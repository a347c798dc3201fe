"""One pipeline on this machine, on a pool of slots and on a Ray cluster of two nodes; and nodes that die."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.ray.processes import MARK, marked
from tests.stories.pipelines import Code, pipelines_home

pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("ray"), pytest.mark.timeout(580)]

CLUSTER = """
import json, threading, time
def target(name, **more):
    if name == "local":
        return None
    settings = dict(vm_size="STANDARD_D1_V2", min_nodes=0, max_nodes=2, **more,
                    idle_seconds_before_scaledown=IDLE)
    try:
        found = ComputeTarget(ws, name)
        if more:
            found.update(idle_seconds_before_scaledown=IDLE)
        return found
    except Exception:
        return ComputeTarget.create(ws, name, AmlCompute.provisioning_configuration(**settings))
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with pipelines_home() as made:
        yield made


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    return Code(home, tmp_path)


def test_eight_steps_give_the_same_bytes_on_every_compute_and_nodes_come_and_go(code: Code) -> None:
    """Must-show: byte-equal artifacts; Ray from 0 to 2 nodes and back to 0, seen in status and list_nodes."""
    code.script(
        "part.py",
        """
        import os, random, sys, time
        pause, name, out, *given = sys.argv[1:]
        time.sleep(float(pause))
        os.makedirs(out + "/deep", exist_ok=True)
        rows = [line for path in given for line in sorted(open(path + "/rows.csv"))]
        dice = random.Random(name)
        rows += [f"{name},{dice.random()}\\n" for _ in range(500)]
        with open(out + "/rows.csv", "w") as file:
            file.writelines(rows)
        with open(out + "/deep/all.bin", "wb") as file:
            file.write(dice.randbytes(300_000))
        open("outputs/count.txt", "w").write(str(len(rows)))
        """,
    )
    said = code(
        "IDLE = 15"
        + CLUSTER
        + """
def steps(where):
    made, every = {}, []
    graph = {"a": "", "b": "", "c": "", "d": "", "e": "ab", "f": "cd", "g": "ef", "h": "ga"}
    for name, given in graph.items():
        out = made[name] = PipelineData("out_" + name)
        inputs = [made[one] for one in given]
        pause = 4 if where is cluster and not given else 0  # one node is not to do all before the other comes
        every.append(PythonScriptStep("part.py", name=name, arguments=[pause, name, out, *inputs],
                                      inputs=inputs, outputs=[out], compute_target=where,
                                      allow_reuse=False))
    return every
def node_count():
    return ComputeTarget(ws, "cluster").status.serialize()["currentNodeCount"]
cluster = target("cluster", provider="ray")
assert cluster.status.serialize()["currentNodeCount"] == 0 and cluster.list_nodes() == []
seen, states = [], set()
def watch():
    while not over.is_set():
        seen.append(node_count())
        states.update(node["nodeState"] for node in cluster.list_nodes())
        time.sleep(0.1)
over = threading.Event()
watching = threading.Thread(target=watch, daemon=True)  # a failure is told at once
watching.start()
found = {}
places = [target("local"), target("slots"), cluster]
for where in places:
    run = Experiment(ws, "same").submit(Pipeline(ws, steps(where)))
    run.wait_for_completion(show_output=False)
    if where is cluster and max(seen) < 2 and len(places) < 6:
        places.append(cluster)  # one node did all before the other was up, on a slow machine
    found[where.name if where else "local"] = {
        step.name: [dict((port, one.digest) for port, one in step._node_of().outputs.items()),
                    sorted((one.name, one.digest) for one in step._node_of().others)]
        for step in run.get_steps()
    }
until = time.time() + 60
while node_count() and time.time() < until:
    time.sleep(0.1)
over.set()
watching.join()
print("FOUND", json.dumps([found, max(seen), node_count(), sorted(states)]))
"""
    )
    found, most, at_last, states = json.loads(said.rpartition("FOUND ")[2])
    assert len(found["local"]) == 8
    assert found["slots"] == found["local"]
    assert found["cluster"] == found["local"]
    assert (most, at_last) == (2, 0)
    assert {"preparing", "running", "idle", "leaving"} <= set(states)


def test_a_node_that_is_killed_under_load_costs_an_attempt_and_no_result(code: Code, home: Path) -> None:
    """Must-show: kill -9 of a node: finished, once; and what may not be repeated fails as interrupted."""
    code.script(
        "work.py", "import sys, time\ntime.sleep(2)\nopen(sys.argv[1], 'w').write('done ' + sys.argv[2])"
    )
    code.script("once.py", "import time\nprint('began', flush=True)\ntime.sleep(600)")
    killed: list[str] = []
    watcher = threading.Thread(target=_kill_nodes_when_asked, args=(code.folder, killed))
    watcher.start()
    said = code(
        "IDLE = 600"
        + CLUSTER
        + """
def ask_for_the_end_of(node):
    open("asked.part", "w").write(node)
    import os
    os.rename("asked.part", "asked")
cluster = target("cluster", provider="ray")
outs = [PipelineData(f"out{n}", is_directory=False) for n in range(4)]
steps = [PythonScriptStep("work.py", name=f"s{n}", arguments=[out, str(n)], outputs=[out],
                          compute_target=cluster) for n, out in enumerate(outs)]
run = Experiment(ws, "killed").submit(Pipeline(ws, steps))
until = time.time() + 200
at_work = []
while not at_work and time.time() < until:
    time.sleep(0.05)
    at_work = [node for node in cluster.list_nodes() if node["nodeState"] == "running"]
ask_for_the_end_of(at_work[0]["nodeId"])
run.wait_for_completion(show_output=False)
nodes = [step._node_of() for step in run.get_steps()]
events = run._api.events(run.id)
ended = [event.node for event in events if event.node and event.body.get("state") == "completed"]
states = cluster.status.serialize()["nodeStateCounts"]
again = PythonScriptStep("once.py", compute_target=cluster, allow_reuse=False)
second = Experiment(ws, "killed").submit(Pipeline(ws, [again]))
while "began" not in second.find_step_run("once.py")[0].get_stdout_log():
    time.sleep(0.1)
ask_for_the_end_of(next(node["nodeId"] for node in cluster.list_nodes() if node["nodeState"] == "running"))
second.wait_for_completion(show_output=False, raise_on_error=False)
failed = second.find_step_run("once.py")[0]._node_of()
attempts = sorted(node.attempt for node in nodes)
print("FOUND", json.dumps([run.get_status(), attempts, len(ended), len(set(ended)), states,
                           str(failed.state), failed.reason, failed.problem.code, failed.attempt]))
"""
    )
    watcher.join(5)
    status, attempts, ended, different, states, state, reason, problem, attempt = json.loads(
        said.rpartition("FOUND ")[2]
    )
    assert len(killed) == 2
    assert status == "Finished"
    assert attempts == [1, 1, 1, 2]
    assert (ended, different) == (4, 4)
    assert states["unusableNodeCount"] == 1
    assert (state, reason, problem, attempt) == ("failed", "interrupted", "C142", 1)


def test_mini_batches_of_a_parallel_step_spread_over_the_nodes(code: Code) -> None:
    code.script(
        "batch/score.py",
        """
        import os, time
        def init(): pass
        def run(files):
            time.sleep(0.3)
            return [os.path.basename(file) + " " + str(os.environ.get("SKYLOOM_PART", "")) for file in files]
        """,
    )
    said = code(
        "IDLE = 600"
        + CLUSTER
        + """
from azureml.core import Dataset, Environment
from azureml.pipeline.steps import ParallelRunConfig, ParallelRunStep
import os
os.makedirs("many", exist_ok=True)
for n in range(9):
    open(f"many/{n}.txt", "w").write(str(n))
store = ws.get_default_datastore()
store.upload("many", "many", overwrite=True)
cluster = target("cluster", provider="ray")
def scored(where, nodes):
    config = ParallelRunConfig(environment=None, entry_script="score.py", source_directory="batch",
                               error_threshold=0, output_action="append_row", compute_target=where,
                               node_count=nodes, process_count_per_node=1, mini_batch_size="1")
    out = PipelineData("scores", datastore=store)
    files = DataReference(store, "files", "many")
    step = ParallelRunStep("score", config, inputs=[files], output=out, allow_reuse=False)
    run = Experiment(ws, "spread").submit(Pipeline(ws, [step]))
    run.wait_for_completion(show_output=False)
    found = run.find_step_run("score")[0]
    found.get_output_data("scores").download("got" + str(nodes))
    (file,) = [os.path.join(at, name) for at, _, names in os.walk("got" + str(nodes)) for name in names]
    return open(file).read().splitlines()
print("FOUND", json.dumps([scored(None, 1), scored(cluster, 2)]))
"""
    )
    alone, spread = json.loads(said.rpartition("FOUND ")[2])
    assert [line.split()[0] for line in alone] == [line.split()[0] for line in spread]
    assert len(spread) == 9
    assert {line.split()[1] for line in spread} == {"0/2", "1/2"}


def test_trials_of_a_sweep_spread_over_the_nodes_and_give_what_they_give_on_slots(code: Code) -> None:
    """Both nodes have trials, the hopeless one is ended, one fails; and a sweep that is canceled ends."""
    code.script(
        "sweep/train.py",
        """
        import argparse, os, time
        from azureml.core import Run
        parser = argparse.ArgumentParser()
        parser.add_argument("--rate", type=float)
        parser.add_argument("--data")
        args = parser.parse_args()
        run = Run.get_context()
        if args.data:
            print("rate", args.rate, open(args.data + "/0.txt").read())
        print("box", os.getcwd(), *(line.split()[3] for line in open("/proc/self/mountinfo")))
        os.makedirs("kept", exist_ok=True)
        open("kept/model.txt", "w").write(str(args.rate))
        open("outputs/seen.txt", "w").write("seen " + str(args.rate))
        if args.rate == 8:
            raise ValueError("too large")
        time.sleep(0.4)
        for step in range(2):
            run.log("loss", (args.rate - 3) ** 2 + step)
        if args.rate >= 9:
            time.sleep(600)
        """,
    )
    said = code(
        "IDLE = 600"
        + CLUSTER
        + """
from azureml.core import ScriptRunConfig
from azureml.pipeline.core import TrainingOutput
from azureml.pipeline.steps import HyperDriveStep, HyperDriveStepRun
from azureml.train.hyperdrive import (BanditPolicy, GridParameterSampling, HyperDriveConfig,
                                      PrimaryMetricGoal, choice)
import os
os.makedirs("many", exist_ok=True)
open("many/0.txt", "w").write("data")
store = ws.get_default_datastore()
store.upload("many", "many", overwrite=True)
cluster = target("cluster", provider="ray")
def config(where, rates):
    script = ScriptRunConfig(source_directory="sweep", script="train.py", compute_target=where)
    return HyperDriveConfig(
        run_config=script, hyperparameter_sampling=GridParameterSampling({"--rate": choice(*rates)}),
        policy=BanditPolicy(slack_amount=20), primary_metric_name="loss",
        primary_metric_goal=PrimaryMetricGoal.MINIMIZE, max_total_runs=9, max_concurrent_runs=2)
def swept(where):
    metrics = PipelineData("metrics", datastore=store, training_output=TrainingOutput("Metrics"))
    model = PipelineData("model", datastore=store,
                         training_output=TrainingOutput("Model", model_file="kept/model.txt"))
    files = DataReference(store, "files", "many")
    step = HyperDriveStep("sweep", config(where, (1, 8, 3, 9, 5)), inputs=[files],
                          estimator_entry_script_arguments=["--data", files], outputs=[model],
                          metrics_output=metrics, allow_reuse=False)
    run = Experiment(ws, "swept").submit(Pipeline(ws, [step]))
    run.wait_for_completion(show_output=False)
    found = HyperDriveStepRun(step_run=run.find_step_run("sweep")[0])
    name = where.name
    for port in ("model", "metrics"):
        run.find_step_run("sweep")[0].get_output_data(port).download(name + port)
    texts = {port: [open(os.path.join(at, one)).read() for at, _, names in os.walk(name + port)
                    for one in names] for port in ("model", "metrics")}
    trials = list(found.get_children())
    best = found.get_best_run_by_primary_metric()
    return {
        "best": [best.id.rpartition("_")[2], best.get_metrics()],
        "model": texts["model"],
        "metrics": sorted([key.rpartition("_")[2], value]
                          for key, value in json.loads(texts["metrics"][0]).items()),
        "trials": [[one.status, one.values, sorted(one.get_file_names()), one.get_metrics()]
                   for one in trials],
        "rows": [row["best_primary_metric"] for row in found.get_children_sorted_by_primary_metric()],
    }, found.get_stdout_log(), run
slots, _, _ = swept(target("slots"))
spread, log, first = swept(cluster)
alone = Experiment(ws, "swept").submit(config(cluster, (9, 10)))
until = time.time() + 100
while time.time() < until and cluster.status.serialize()["nodeStateCounts"]["runningNodeCount"] < 2:
    time.sleep(0.05)
time.sleep(1)
began = time.time()
alone.cancel()
alone.wait_for_completion(show_output=False, raise_on_error=False)
took = time.time() - began
while time.time() < began + 20 and cluster.status.serialize()["nodeStateCounts"]["idleNodeCount"] < 2:
    time.sleep(0.05)
states = cluster.status.serialize()["nodeStateCounts"]
boxes = []
for one in HyperDriveStepRun(step_run=first.find_step_run("sweep")[0]).get_children():
    one.download_file("user_logs/std_log.txt", "logs/" + str(one.number) + ".txt")
    boxes.append(open("logs/" + str(one.number) + ".txt").read())
print("FOUND", json.dumps([slots, spread, log, boxes, alone.get_status(), took, states]))
"""
    )
    slots, spread, log, boxes, status, took, states = json.loads(said.rpartition("FOUND ")[2])
    assert spread == slots
    assert [trial[0] for trial in spread["trials"]] == [
        "Completed",
        "Failed",
        "Completed",
        "Canceled",
        "Completed",
    ]
    assert spread["best"] == ["2", {"loss": [0.0, 1.0]}] and spread["model"] == ["3.0"]
    told = [line.split()[-1] for line in log.splitlines() if " goes to " in line]
    assert len(set(told)) == 2
    assert [set(re.findall(r"/node-(.+?-\d+)-", text)) for text in boxes] == [{node} for node in told]
    assert boxes[2].startswith("rate 3.0 data\n")
    assert (status, states["idleNodeCount"]) == ("Canceled", 2) and took < 10


def test_an_agent_that_is_killed_takes_its_clusters_along(home: Path) -> None:
    marks = [json.loads(file.read_text())["mark"] for file in home.glob("ray/*/cluster.json")]
    assert marks and all(list(marked(mark)) for mark in marks)
    os.kill(int(next(home.glob("agent/*pid*")).read_text()), signal.SIGKILL)
    until = time.monotonic() + 60
    while any(list(marked(mark)) for mark in marks) and time.monotonic() < until:
        time.sleep(0.2)
    assert [pid for mark in marks for pid in marked(mark)] == []


def _kill_nodes_when_asked(folder: Path, killed: list[str]) -> None:
    """kill -9 of the raylet and every worker of the node whose name is left in a file, twice."""
    until = time.monotonic() + 500
    while len(killed) < 2 and time.monotonic() < until:
        time.sleep(0.02)
        try:
            node = (folder / "asked").read_text()
        except OSError:
            continue
        (folder / "asked").unlink()
        for pid, words in _processes_of(node):
            if "raylet/raylet" in words or words.startswith("ray::"):
                os.kill(pid, signal.SIGKILL)
        killed.append(node)


def _processes_of(node: str) -> Iterator[tuple[int, str]]:
    for name in os.listdir("/proc"):
        try:
            environment = Path("/proc", name, "environ").read_bytes().split(b"\0")
            words = Path("/proc", name, "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        marks = [one for one in environment if one.startswith(MARK.encode() + b"=")]
        if any(mark.endswith(b"/" + node.encode()) for mark in marks):
            yield int(name), words
