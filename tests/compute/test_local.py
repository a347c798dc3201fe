"""Boxes from the outside: every level, every limit, what happens to what a script leaves behind."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import zipfile
from pathlib import Path

import pytest

from skyloom.compute.local import LocalCompute
from skyloom.compute.sandbox import canaries, cgroups, levels
from skyloom.core.identity import Digest
from skyloom.core.problem import ProblemError
from skyloom.core.task import Limits, Reason, Staged
from tests.compute.boxes import USUAL, Boxes, script

pytestmark = pytest.mark.real("sandbox")

SMALL = Limits(timeout_s=30, memory_bytes=256 << 20, disk_bytes=32 << 20)


def test_script_runs_and_its_level_is_recorded(boxes: Boxes, level: str) -> None:
    ran = boxes.run(script("print('hello')\nprint('oh', file=sys.stderr)"), level=level)
    assert (ran.outcome.reason, ran.outcome.isolation) == (None, level)
    assert ran.outcome.outputs["Result Dataset"].footer is not None
    assert ran.stdout == "hello\n"
    assert "oh\n" in ran.stderr


def test_child_programs_of_a_script_work(boxes: Boxes, level: str) -> None:
    ran = boxes.run(
        script(
            "import subprocess\n"
            "print(subprocess.run([sys.executable, '-c', 'import ssl, numpy; print(6 * 7)'],"
            " check=True, capture_output=True, text=True).stdout)"
        ),
        level=level,
    )
    assert ran.outcome.reason is None, ran.stderr
    assert ran.stdout.strip() == "42"


def test_a_script_finds_no_descriptor_but_its_own(boxes: Boxes, level: str) -> None:
    body = (
        "for name in sorted(os.listdir('/proc/self/fd'), key=int):\n"
        "    try: print(os.readlink('/proc/self/fd/' + name).split(':')[0])\n"
        "    except OSError: pass"
    )
    kinds = boxes.run(script(body), level=level).stdout.split()
    assert kinds.count("socket") == 1, kinds  # its line to the agent
    assert kinds.count("pipe") == 2, kinds  # standard output and error
    assert not [kind for kind in kinds if kind.startswith("anon_inode")], kinds


def test_no_program_of_a_box_can_gain_a_capability(boxes: Boxes, level: str) -> None:
    body = (
        "for line in open('/proc/self/status'):\n"
        "    if line.startswith(('Cap', 'NoNewPrivs')): print(*line.split())"
    )
    told = dict(line.split(":") for line in boxes.run(script(body), level=level).stdout.splitlines())
    assert int(told["NoNewPrivs"]) == 1
    if levels.has_namespaces(level):
        assert {int(told[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}


def test_the_user_process_is_the_child_of_its_keeper(boxes: Boxes, level: str) -> None:
    body = "print(os.getppid(), len(os.listdir('/proc/self/task')))"
    ran = boxes.run(script(body), level=level)
    if levels.has_namespaces(level):
        assert ran.stdout.split()[0] == "1"


def test_a_recursion_without_end_in_c_ends_the_script_alone(boxes: Boxes, level: str) -> None:
    body = "sys.setrecursionlimit(10**9)\nvalue = []\nfor _ in range(10**6): value = [value]\nrepr(value)"
    outcome = boxes.run(script(body), level=level).outcome
    assert outcome.reason in (Reason.SCRIPT_ERROR, "signal:SIGSEGV")
    assert boxes.run(script("pass"), level=level).outcome.reason is None


def test_every_attempt_to_break_out_is_refused(boxes: Boxes, level: str) -> None:
    boxes.run(script("pass"), level=level)
    report = next(report for report in boxes.compute.proven().reports if report.level == level)
    assert report.is_proven
    assert report.attempts == dict.fromkeys(canaries.ALL, "")


def test_level_none_is_refused_unless_somebody_allowed_it(tmp_path: Path, boxes: Boxes) -> None:
    boxes.compute._weakest, before = levels.KERNEL_FILTER, boxes.compute._weakest
    try:
        outcome = boxes.run(script("pass"), level="none").outcome
    finally:
        boxes.compute._weakest = before
    assert outcome.problem is not None
    assert (outcome.reason, outcome.problem.code) == (Reason.ISOLATION_FAILED, "C002")


def test_level_none_runs_and_says_so(boxes: Boxes) -> None:
    ran = boxes.run(script("pass"), level="none")
    assert (ran.outcome.reason, ran.outcome.isolation) == (None, "none")


def test_unknown_level_is_refused(boxes: Boxes) -> None:
    problem = boxes.run(script("pass"), level="vault").outcome.problem
    assert problem is not None
    assert problem.code == "C001"


# -- limits -------------------------------------------------------------------------------------------------


def test_time_limit_ends_every_child(boxes: Boxes, level: str) -> None:
    body = (
        "for _ in range(4):\n    if os.fork() == 0:\n        os.setsid()\n        while True: pass\n"
        "while True: pass"
    )
    ran = boxes.run(script(body), level=level, limits=Limits(timeout_s=1, processes=64))
    assert ran.outcome.reason == Reason.TIMEOUT
    assert ran.seconds < 10  # 1 s and a little on a machine that does nothing else
    _assert_nothing_runs(boxes)


def test_memory_limit_of_one_process(boxes: Boxes, level: str) -> None:
    body = "blocks = []\nwhile True:\n    blocks.append(bytearray(os.urandom(1 << 20)) * 8); time.sleep(0.01)"
    outcome = boxes.run(script(body), level=level, limits=SMALL).outcome
    assert outcome.reason == Reason.MEMORY
    assert outcome.problem is not None
    assert "256 MiB" in outcome.problem.message


def test_memory_limit_counts_all_processes_together(boxes: Boxes, level: str) -> None:
    body = (
        "for _ in range(6):\n    if os.fork() == 0:\n        block = os.urandom(80 << 20)\n"
        "        time.sleep(20)\n"
        "time.sleep(20)"
    )
    assert boxes.run(script(body), level=level, limits=SMALL).outcome.reason == Reason.MEMORY


def test_memory_limit_counts_nameless_memory_files(boxes: Boxes, level: str) -> None:
    body = (
        "files = [os.memfd_create(str(n)) for n in range(40)]\nblock = os.urandom(16 << 20)\n"
        "for file in files:\n    os.write(file, block); time.sleep(0.02)\ntime.sleep(5)"
    )
    assert boxes.run(script(body), level=level, limits=SMALL).outcome.reason == Reason.MEMORY


def test_shared_pages_of_forked_children_count_once(boxes: Boxes) -> None:
    body = (
        "block = os.urandom(100 << 20)\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        time.sleep(0.6)\n        os._exit(0)\ntime.sleep(1)"
    )
    assert boxes.run(script(body), level="full", limits=SMALL).outcome.reason is None


def test_disk_limit_of_many_files(boxes: Boxes, level: str) -> None:
    body = (
        "block = os.urandom(1 << 20)\nfor n in range(2000):\n"
        "    open(str(n), 'wb').write(block); time.sleep(0.005)"
    )
    outcome = boxes.run(script(body), level=level, limits=SMALL).outcome
    assert outcome.reason == Reason.DISK


def test_disk_limit_is_seen_although_the_script_is_over_at_once(boxes: Boxes) -> None:
    body = "for n in range(5):\n    open(str(n), 'wb').write(os.urandom(10 << 20))"
    assert boxes.run(script(body), limits=SMALL).outcome.reason == Reason.DISK


def test_holes_of_a_file_count_for_nothing(boxes: Boxes, level: str) -> None:
    ran = boxes.run(script("with open('big', 'wb') as f: f.truncate(20 << 20)"), level=level, limits=SMALL)
    assert ran.outcome.reason is None


def test_log_is_cut_and_says_so(boxes: Boxes) -> None:
    ran = boxes.run(script("print('x' * 5000)"), limits=Limits(timeout_s=30, log_bytes=1000))
    assert ran.outcome.reason is None
    assert "4001 bytes more were written to stdout and dropped" in ran.stdout
    assert any("4001 bytes of stdout were dropped" in notice for notice in ran.outcome.notices)


def test_console_arrives_while_the_script_runs(boxes: Boxes) -> None:
    seen: list[tuple[float, bytes]] = []
    ran = boxes.run(
        script("print('first')\ntime.sleep(0.5)\nprint('second')"),
        on_console=lambda stream, piece: (
            seen.append((time.monotonic(), piece)) if stream == "stdout" else None
        ),
    )
    assert ran.outcome.reason is None
    assert b"".join(piece for _, piece in seen) == b"first\nsecond\n"
    assert seen[-1][0] - seen[0][0] > 0.4


def test_descriptors_are_capped(boxes: Boxes) -> None:
    body = (
        "n = 0\ntry:\n    while True: os.open('/dev/null', os.O_RDONLY); n += 1\n"
        "except OSError: print(n)\nos.closerange(100, 1024)"
    )
    assert int(boxes.run(script(body)).stdout) < 1024


# -- ends ---------------------------------------------------------------------------------------------------


def test_cancel_reaches_stopped_and_detached_children(boxes: Boxes, level: str) -> None:
    body = (
        "import signal\nfor n in range(4):\n    if os.fork() == 0:\n        os.setsid()\n"
        "        if n % 2: os.kill(os.getpid(), signal.SIGSTOP)\n        time.sleep(60)\ntime.sleep(60)"
    )
    canceled = threading.Event()
    threading.Timer(0.5, canceled.set).start()
    ran = boxes.run(script(body), level=level, canceled=canceled)
    assert ran.outcome.reason == Reason.CANCELED
    assert ran.seconds < 8  # half a second on a machine that does nothing else
    _assert_nothing_runs(boxes)


def test_crash_names_the_signal_and_keeps_the_log(boxes: Boxes, level: str) -> None:
    ran = boxes.run(script("import ctypes\nprint('before', flush=True)\nctypes.string_at(0)"), level=level)
    assert ran.outcome.reason == "signal:SIGSEGV"
    assert ran.stdout == "before\n"


def test_exit_without_a_result_is_no_success(boxes: Boxes, level: str) -> None:
    assert boxes.run(script("os._exit(0)"), level=level).outcome.reason == Reason.NO_RESULT


def test_children_threads_and_exit_hooks_hold_nothing_up(boxes: Boxes, level: str) -> None:
    body = (
        "import atexit, threading\natexit.register(time.sleep, 600)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "if os.fork() == 0:\n    os.setsid()\n    time.sleep(600)"
    )
    ran = boxes.run(script(body), level=level)
    assert ran.outcome.reason is None
    assert ran.seconds < 5
    _assert_nothing_runs(boxes)


def test_child_that_comes_back_into_our_lines_dies(boxes: Boxes, level: str) -> None:
    ran = boxes.run(script("os._exit = lambda *a: None\nos.fork()"), level=level)
    assert ran.outcome.reason is None
    assert ran.seconds < 5
    _assert_nothing_runs(boxes)


def test_answer_that_is_no_answer_is_no_result(boxes: Boxes) -> None:
    body = (
        "for number in range(3, 40):\n    try:\n        os.write(number, b'\\0' * 12 + b'x' * 40)\n"
        "    except OSError:\n        pass\ntime.sleep(5)"
    )
    outcome = boxes.run(script(body)).outcome
    assert outcome.reason == Reason.NO_RESULT
    assert outcome.problem is not None
    assert outcome.problem.code == "C009"


def test_script_cannot_end_its_keeper(boxes: Boxes, level: str) -> None:
    body = (
        "import signal\nfor pid in (os.getppid(), 1):\n    try: os.kill(pid, signal.SIGKILL)\n"
        "    except OSError: pass\ntime.sleep(0.2)"
    )
    assert boxes.run(script(body), level=level).outcome.reason is None


def test_second_run_sees_nothing_of_the_first(boxes: Boxes, level: str) -> None:
    boxes.run(
        script("open('left', 'w').write('x')\nopen(os.environ['TMPDIR'] + '/left', 'w').write('x')"),
        level=level,
    )
    ran = boxes.run(script("print(os.path.exists('left'), os.listdir(os.environ['TMPDIR']))"), level=level)
    assert ran.stdout.strip() == "False []"


# -- what goes in and out -----------------------------------------------------------------------------------


def test_bundle_is_there_and_closed_against_writing(boxes: Boxes, level: str, tmp_path: Path) -> None:
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("helper.py", "VALUE = 42\n")
    inputs = {"Dataset1": None, "Script Bundle": Staged("Zip", str(archive), Digest("sha256:" + "1" * 64))}
    body = (
        "import helper\nprint(helper.VALUE)\ntry: open('Script Bundle/helper.py', 'w')\n"
        "except OSError: print('closed')"
    )
    ran = boxes.run(script(body), level=level, inputs=inputs)
    assert ran.stdout.split() == ["42", "closed"] if os.getuid() == 0 else ["42"]


def test_refused_bundle_fails_before_the_script_runs(boxes: Boxes, tmp_path: Path) -> None:
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("../evil.py", "")
    inputs = {"Script Bundle": Staged("Zip", str(archive), Digest("sha256:" + "1" * 64))}
    outcome = boxes.run(script("print('ran')"), inputs=inputs).outcome
    assert outcome.problem is not None
    assert (outcome.reason, outcome.problem.code) == (Reason.REJECTED, "C010")


def test_images_are_kept_in_the_order_of_writing_also_after_a_failure(boxes: Boxes) -> None:
    body = (
        "import matplotlib.pyplot as plt\nfor name in ('z.png', 'a.PNG'):\n"
        "    plt.figure(); plt.savefig(name, format='png'); time.sleep(0.01)\n"
        "1 / 0"
    )
    outcome = boxes.run(script(body)).outcome
    assert outcome.reason == Reason.SCRIPT_ERROR
    assert [os.path.basename(path) for path in outcome.images] == ["0000-z.png", "0001-a.png"]


def test_environment_of_a_box_has_nothing_of_the_agent(
    boxes: Boxes, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYLOOM_TEST_SECRET", "CANARY")
    ran = boxes.run(script("print(sorted(os.environ))\nprint('CANARY' in str(os.environ))"), level=level)
    assert "SKYLOOM" not in ran.stdout
    assert ran.stdout.endswith("False\n")


def test_work_folders_are_removed(boxes: Boxes, level: str) -> None:
    body = (
        "os.mkfifo('pipe')\nos.makedirs('d/' * 300)\nos.symlink('/etc', 'link')\nopen(b'bad\\xff\\n"
        "', 'w').close()\n"
        "os.mkdir('shut'); open('shut/file', 'w').close(); os.chmod('shut', 0)"
    )
    boxes.run(script(body), level=level)
    _wait_for(lambda: not any("d" in os.listdir(work) for work in _work_folders(boxes)))


def test_limits_without_numbers_are_no_limits(boxes: Boxes, level: str) -> None:
    assert boxes.run(script("x = bytearray(64 << 20)"), level=level, limits=Limits()).outcome.reason is None


def test_many_tasks_at_once_each_get_their_own_answer(boxes: Boxes) -> None:
    found: dict[int, str] = {}

    def run(number: int) -> None:
        found[number] = boxes.run(script(f"print({number})"), limits=USUAL).stdout.strip()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: str(number) for number in range(8)}


def _work_folders(boxes: Boxes) -> list[str]:
    root = boxes.compute._instance.boxes
    return [
        os.path.join(root, name, "work")
        for name in os.listdir(root)
        if os.path.isdir(os.path.join(root, name, "work"))
    ]


def _assert_nothing_runs(boxes: Boxes) -> None:
    """No box has more than its keeper and its waiting spare; two wait for each interpreter and level."""
    compute = boxes.compute
    _wait_for(lambda: len(os.listdir(compute._instance.boxes)) <= 2 * len(compute._spares) + 2)
    busy = []
    for name in os.listdir("/proc"):
        if name.isdigit() and _is_of(int(name), boxes):
            before = _cpu_ticks(int(name))
            busy.append((name, before))
    time.sleep(0.3)
    assert (
        sum(_cpu_ticks(int(name)) - before for name, before in busy if _cpu_ticks(int(name)) >= before) < 60
    )


def _is_of(pid: int, boxes: Boxes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return boxes.compute._instance.id.encode() in file.read()
    except OSError:
        return False


def _cpu_ticks(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        return int(words[11]) + int(words[12])
    except OSError:
        return 0


def _wait_for(claim: object, seconds: float = 5.0) -> None:
    assert callable(claim)
    until = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_nothing_is_left_of_a_compute_that_is_closed_while_it_proves_its_levels(tmp_path: Path) -> None:
    left = []
    for wait_ms in (0, 5, 20, 60, 150):
        compute = LocalCompute(str(tmp_path / f"work {wait_ms}"), str(tmp_path))
        proving = threading.Thread(target=_prove, args=(compute,))
        proving.start()
        time.sleep(wait_ms / 1000)
        compute.close()
        proving.join(30)
        assert not proving.is_alive()
        left += [folder for _, folder in _groups_of(compute.instance.id) if os.path.exists(folder)]
    assert not left


def _prove(compute: LocalCompute) -> None:
    with contextlib.suppress(ProblemError):  # it is being closed
        compute.proven()


def _groups_of(instance: str) -> tuple[tuple[str, str], ...]:
    try:
        return cgroups.groups_for(instance).folders
    except cgroups.NotUsable as error:
        pytest.skip(f"no control groups here: {error}")
