"""Steps in real containers of a real Podman: the contract of a box, kept by an engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from skyloom.compute.containers.steps import ContainerSteps
from skyloom.core.environment import Environment
from skyloom.core.module import PathOf
from skyloom.core.problem import ProblemError
from skyloom.core.task import Limits, Reason
from tests.compute.containers.containers import Containers
from tests.containers import BASE, Podman

pytestmark = [pytest.mark.real("podman"), pytest.mark.xdist_group("podman")]

SEEN = """
    import json, os, socket, sys
    from azureml.core import Run
    run = Run.get_context()
    run.log("rows", 3)
    def refused(work):
        try:
            work()
        except OSError as error:
            return type(error).__name__
        return ""
    source, target = sys.argv[1:]
    seen = {
        "argv": sys.argv, "cwd": os.getcwd(), "uid": os.getuid(), "colour": os.environ["COLOUR"],
        "home": os.environ["HOME"], "input": open(source).read(), "python": sys.executable,
        "link": open("data/here.txt").read(), "mounted": open("/data/there.txt").read(),
        "write input": refused(lambda: open(source, "w")),
        "write system": refused(lambda: open("/usr/mine", "w")),
        "network": refused(lambda: socket.create_connection(("1.1.1.1", 53), 1)),
    }
    open("/tmp/scratch", "w").write("may be written")
    os.makedirs("outputs", exist_ok=True)
    open("outputs/kept.txt", "w").write("kept")
    json.dump(seen, open(target, "w"))
    print("out")
    print("err", file=sys.stderr)
"""


def test_a_step_sees_what_a_step_in_a_box_sees(containers: Containers) -> None:
    ran = containers.run(
        SEEN,
        PathOf("data"),
        PathOf("made"),
        variables={"COLOUR": "red", "PATH": "/usr/bin:/bin"},
        inputs={"data": b"one", "here": b"two", "there": b"three"},
        outputs={"made": "outputs/made/seen.json"},
        links={"here": "data/here.txt", "there": "/data/there.txt"},
    )
    assert ran.outcome.problem is None, f"{ran.outcome.problem}\n{ran.stderr}"
    seen = json.loads(Path(ran.outcome.outputs["made"].path).read_text())
    argv = ["step.py", "/skyloom/work/inputs/data/data.txt", "/skyloom/work/outputs/made/seen.json"]
    assert seen.pop("uid") == containers.instance.uids.first + 1 if containers.instance.uids else True
    assert seen == {
        "argv": argv,
        "cwd": "/skyloom/work/step",
        "colour": "red",
        "home": "/tmp",
        "input": "one",
        "python": "/usr/bin/python3",
        "link": "two",
        "mounted": "three",
        "write input": "OSError",
        "write system": "OSError",
        "network": "OSError",
    }
    assert ran.outcome.metrics == (("rows", 3),) and ran.outcome.files == ("outputs/kept.txt",)
    assert ran.outcome.isolation == "container"
    assert "Step command, as started: step.py" in ran.stdout and "\nout\n" in ran.stdout
    assert ran.stderr == "err\n"


def test_failures_are_told_as_of_a_box(containers: Containers) -> None:
    raised = containers.run("raise ValueError('no such colour')").outcome
    assert raised.problem is not None and (raised.problem.code, raised.reason) == ("R301", "script_error")
    assert "no such colour" in raised.problem.message and "step.py" in raised.problem.traceback
    program = containers.run("", "sh", "-c", "exit 3", language="program").outcome
    assert program.problem is not None and "exit code 3" in program.problem.message
    killed = containers.run("", "sh", "-c", "kill -15 $$", language="program").outcome
    assert killed.problem is not None and (killed.problem.code, killed.reason) == ("R302", "script_error")
    refused = containers.run("pass", limits=Limits(memory_bytes=1000))  # less than an engine takes
    assert refused.outcome.problem is not None and refused.outcome.problem.code == "C170"
    assert "memory" in refused.stderr


def test_limits_are_kept(containers: Containers) -> None:
    memory = containers.run("x = b'x' * (200 << 20)", limits=Limits(memory_bytes=64 << 20)).outcome
    assert (memory.reason, memory.problem and memory.problem.code) == (Reason.MEMORY, "C006")
    slow = containers.run("import time; time.sleep(60)", limits=Limits(timeout_s=1.0))
    assert slow.outcome.reason == Reason.TIMEOUT and slow.seconds < 20
    forks = """
        import os
        try:
            [os.fork() or os._exit(0) for _ in range(99)]
        except OSError:
            print("full")
    """
    assert "full" in containers.run(forks, limits=Limits(processes=20)).stdout
    wide = "open('big', 'wb').write(b'x' * (40 << 20))"
    assert containers.run(wide, limits=Limits(disk_bytes=20 << 20)).outcome.reason == Reason.DISK


def test_a_cancel_ends_the_container_while_its_log_streams(containers: Containers, podman: Podman) -> None:
    canceled, heard = threading.Event(), []

    def hear(stream: str, content: bytes) -> None:
        heard.append((stream, content))
        if b"begun" in content:
            canceled.set()

    ran = containers.run(
        "import time; print('begun', flush=True); time.sleep(60)", canceled=canceled, on_console=hear
    )
    assert ran.outcome.reason == Reason.CANCELED and ran.seconds < 20
    assert any(stream == "stdout" for stream, _ in heard)
    assert podman("ps", "--all", "--quiet") == ""
    assert os.listdir(containers.folder / "containers") == os.listdir(containers.instance.boxes) == []


def test_an_image_is_built_once(containers: Containers, podman: Podman) -> None:
    made = Environment("image", "3.11", dockerfile=f"FROM {BASE}\nENV COLOUR=blue\nRUN echo built > /built")
    lines: list[str] = []
    name = containers.images.ready(made, lines.append)
    assert any("RUN echo built" in line for line in lines) and containers.images.is_ready(made.digest)
    identity = podman("image", "inspect", "--format", "{{.Id}}", name)
    again: list[str] = []
    assert containers.images.ready(made, again.append) == name and not again
    assert podman("image", "inspect", "--format", "{{.Id}}", name) == identity
    script = "import os; print(os.environ['COLOUR'], open('/built').read())"
    assert "blue built" in containers.run(script, environment=made).stdout
    broken = Environment("image", "3.11", dockerfile=f"FROM {BASE}\nRUN no-such-program")
    with pytest.raises(ProblemError) as refused:
        containers.images.ready(broken, lines.append)
    assert refused.value.problem.code == "C067" and "no-such-program" in refused.value.problem.traceback


def test_a_level_of_a_box_is_not_promised(containers: Containers) -> None:
    problem = containers.run("pass", isolation="full").outcome.problem
    assert problem is not None and problem.code == "C171"


AGENT = """
import os, sys, threading
from pathlib import Path
from tests.compute.containers.containers import Containers
made = Containers(Path(sys.argv[1]), os.environ)
made.run("import time; print('begun', flush=True); time.sleep(600)")
"""


def test_what_a_killed_agent_left_is_removed(containers: Containers, podman: Podman, tmp_path: Path) -> None:
    environ = {**os.environ, **podman.variables}
    agent = subprocess.Popen(
        [sys.executable, "-c", AGENT, str(tmp_path)], env=environ, stdout=subprocess.PIPE, text=True
    )
    assert agent.stdout is not None
    until = time.monotonic() + 30
    while not podman("ps", "--quiet") and time.monotonic() < until:
        time.sleep(0.1)
    agent.kill()
    agent.wait()
    agent.stdout.close()
    (left,) = podman("ps", "--format", "{{.Names}}").split()
    later = ContainerSteps(containers.engines, containers.images, containers.instance, tmp_path)
    assert later.swept == [left] and podman("ps", "--all", "--quiet") == ""
