"""Every look at the machine finds what it is there for: each is shown a fault made by hand."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from skyloom.core.identity import Json
from tests.hostile import machine_checks
from tests.hostile.canaries import Canaries, new_secret, prepare
from tests.hostile.evidence import Answer, Evidence
from tests.hostile.machine_checks import Aftermath, Place, snapshot
from tests.hostile.processes import memory_below, process_tree
from tests.hostile.product import MEMORY_BYTES, Product

RUN = "01a1"


SEGMENT_KEY = 0x7E577E5


@dataclass
class Seen:
    """What a watch would have seen."""

    peak_bytes: int = 0
    slowest_s: float = 0.0
    unhealthy: list[str] = field(default_factory=list)
    port_was_reached: bool = False


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A machine where a process that sleeps plays the agent."""
    home = tmp_path / "home"
    (home / "runs" / RUN / "script").mkdir(parents=True)
    monkeypatch.setattr(machine_checks, "GONE_WITHIN_S", 0.3)
    monkeypatch.setattr(machine_checks, "SETTLED_WITHIN_S", 0.3)
    secret = new_secret()
    # other tests of this process have boxes below it, and neighbours have System V objects: neither is ours
    agent = subprocess.Popen(["sleep", "600"])
    monkeypatch.setattr(machine_checks, "_sysv_counts", lambda: (_own_segments(),))
    canaries: Canaries = prepare(tmp_path / "level", home, agent.pid, [None], secret)
    try:
        yield Place(tmp_path, Product(home, secret), canaries, agent.pid, "instance", None)
    finally:
        canaries.close()
        agent.kill()
        agent.wait()


def _own_segments() -> int:
    """Segments under the one key that a test here uses."""
    with open("/proc/sysvipc/shm", encoding="ascii") as table:
        return sum(line.split()[0] == str(SEGMENT_KEY) for line in table)


def aftermath(place: Place, told: dict[str, Json] | None = None, **watched: object) -> Aftermath:
    before = snapshot(place, [])
    answer = Answer(0, b"", b"", {"run": RUN, "state": "completed", **(told or {})})
    watch = Seen(**watched)  # type: ignore[arg-type]
    return Aftermath(place, replace(before, wall=before.wall - 1), Evidence(answer, 1.0), watch, ())  # type: ignore[arg-type]


def test_a_clean_machine_has_nothing_to_say(place: Place) -> None:
    after = aftermath(place)
    silent = set(machine_checks.LOOKS) - {"cwd_gone"}  # asks for a result that names a folder
    assert {name: machine_checks.LOOKS[name](after) for name in silent} == {name: [] for name in silent}


def test_a_file_outside_is_found(place: Place) -> None:
    after = aftermath(place)
    (place.canaries.outside / "hello").touch()
    assert machine_checks.outside_dir_unchanged(after) != []


def test_a_changed_mode_outside_is_found(place: Place) -> None:
    place.canaries.outside.chmod(0o700)
    assert machine_checks.outside_dir_unchanged(aftermath(place)) != []


def test_a_marker_in_the_machines_temporary_folder_is_found(place: Place) -> None:
    left = Path("/var/tmp", f"x-{place.canaries.marker}")
    left.touch()
    try:
        assert machine_checks.no_marker_files(aftermath(place)) == [f"marker left at {left}"]
    finally:
        left.unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["tcp_port", "udp_port", "unix_path", "unix_abstract"])
def test_a_word_to_a_listener_is_found(place: Place, name: str) -> None:
    after = aftermath(place)
    rows = place.canaries.rows
    family = socket.AF_UNIX if name.startswith("unix") else socket.AF_INET
    kind = socket.SOCK_DGRAM if name == "udp_port" else socket.SOCK_STREAM
    addresses = {"unix_path": rows["unix_path"], "unix_abstract": "\0" + rows["unix_abstract"]}
    with socket.socket(family, kind) as line:
        line.connect(addresses.get(name) or ("127.0.0.1", int(rows[name])))
        line.send(b"breach")
    time.sleep(0.2)
    assert machine_checks.listeners_silent(after) == [f"a listener was reached: {name}: b'breach'"]


def test_a_stopped_victim_is_hurt(place: Place) -> None:
    os.kill(place.canaries.victims.pid, signal.SIGSTOP)
    time.sleep(0.1)
    assert machine_checks.victim_alive(aftermath(place)) != []


def test_a_dead_victim_is_hurt(place: Place) -> None:
    os.kill(place.canaries.victims.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert machine_checks.victim_alive(aftermath(place)) != []


def test_a_process_of_the_instance_outside_the_agents_tree_is_left_over(place: Place) -> None:
    after = aftermath(place)
    time.sleep(0.05)  # start times are counted in hundredths of a second
    shell = ["sh", "-c", "sleep 30 >/dev/null 2>&1 & echo $!"]
    environment = {**os.environ, "SKYLOOM_INSTANCE": "instance"}
    pid = int(subprocess.run(shell, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    try:
        found = machine_checks.no_leftovers(after)
    finally:
        os.kill(pid, signal.SIGKILL)
    assert [f"process {pid} (sleep" in fault for fault in found] == [True]


def test_a_box_that_is_still_there_is_left_over(place: Place) -> None:
    (place.product.home / "work" / "instance-1" / "boxes" / "3-abc").mkdir(parents=True)
    assert "the run's box is still there" in machine_checks.no_leftovers(aftermath(place))


def test_a_working_folder_that_is_still_there_is_found(place: Place, tmp_path: Path) -> None:
    after = aftermath(place)
    (tmp_path / "work").mkdir()
    seen = replace(after.seen, result=[("detail", ["x", str(tmp_path / "work")])])
    assert machine_checks.cwd_gone(replace(after, seen=seen)) != []
    gone = replace(after.seen, result=[("detail", ["x", str(tmp_path / "gone")])])
    assert machine_checks.cwd_gone(replace(after, seen=gone)) == []


def test_a_secret_in_what_is_kept_is_found(place: Place) -> None:
    secret = place.canaries.private_secrets[0]
    (place.product.home / "runs" / RUN / "script" / "image.png").write_text(f"x{secret}x")
    assert machine_checks.no_canary_in_artifacts(aftermath(place)) != []


def test_links_and_files_elsewhere_are_not_contained(place: Place, tmp_path: Path) -> None:
    folder = place.product.home / "runs" / RUN / "script"
    os.symlink("/etc/passwd", folder / "link.png")
    (folder / "one").touch()
    os.link(folder / "one", folder / "two")
    images: list[Json] = [str(tmp_path / "elsewhere.png"), str(folder / "link.png")]
    found = machine_checks.artifacts_contained(aftermath(place, {"images": images}))
    assert len(found) == 5  # one image elsewhere, one a link, one link in the folder, two names of one file


def test_setuid_files_cores_and_shared_memory_are_found(place: Place) -> None:
    after = aftermath(place)
    tool = place.product.home / "tool"
    tool.touch()
    tool.chmod(0o4755)
    (place.folder / "core.17").write_text("x")
    shared = Path("/dev/shm", f"left-{place.canaries.marker}")
    shared.touch()
    segment = ctypes.CDLL(None).shmget(SEGMENT_KEY, 4096, 0o1600)
    try:
        assert machine_checks.no_setuid_left(after) != []
        assert machine_checks.no_core_files(after) != []
        assert len(machine_checks.no_shm_left(after)) == 2
    finally:
        shared.unlink()
        ctypes.CDLL(None).shmctl(segment, 0, None)


def test_room_that_does_not_come_back_is_found_even_without_a_name(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_checks, "DISK_MARGIN_BYTES", 1 << 20)
    monkeypatch.setattr(machine_checks, "DISK_PATIENCE_S", 0.2)
    place = replace(place, agent=os.getpid())  # it is this process that holds the file open
    after = aftermath(place)
    with open(place.product.home / "hidden", "wb") as file:
        file.write(os.urandom(4 << 20))
        file.flush()
        os.unlink(file.name)
        assert machine_checks.disk_freed(after) == ["4 MiB more are held on disk"]
    assert machine_checks.disk_freed(after) == []


def test_a_changed_input_is_found(place: Place, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n")
    after = replace(aftermath(place), before=snapshot(place, [data]))
    assert machine_checks.input_dataset_unchanged(after) == []
    data.write_text("a\n2\n")
    assert machine_checks.input_dataset_unchanged(after) != []


def test_memory_health_and_ports_have_their_limits(place: Place) -> None:
    after = aftermath(
        place, peak_bytes=MEMORY_BYTES * 2, slowest_s=1.5, unhealthy=["x"], port_was_reached=True
    )
    assert machine_checks.memory_under_cap(after) != []
    assert len(machine_checks.server_healthy(after)) == 2
    assert machine_checks.port_not_reachable(after) != []


def test_memory_of_a_box_counts_children_and_nameless_files() -> None:
    hoard = "import os, time; f = os.memfd_create('x'); os.write(f, bytes(40 << 20)); a = b'x' * (30 << 20)"
    code = f"import os; os.fork(); {hoard}; print('ready', flush=True); time.sleep(60)"
    with subprocess.Popen(["python3", "-c", code], stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        keeper.stdout.readline()
        keeper.stdout.readline()
        try:
            tree = process_tree(os.getpid())
            children = [one.pid for one in tree.below(keeper.pid)]
            assert 140 << 20 <= memory_below(keeper.pid, tree, 1 << 40) <= 200 << 20
            assert 140 << 20 <= memory_below(keeper.pid, tree, 0) <= 200 << 20
        finally:
            for pid in (*children, keeper.pid):
                os.kill(pid, signal.SIGKILL)
