"""Judge what became of the machine. A snapshot before a case, one look after it, failures in words."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.canaries import Canaries
from tests.hostile.evidence import Evidence
from tests.hostile.processes import UID_BLOCK, Process, Tree, now_ticks, process_tree, started_after
from tests.hostile.product import MEMORY_BYTES, Product
from tests.hostile.watch import Watch

GONE_WITHIN_S = 2.0
SETTLED_WITHIN_S = 8.0  # spares that take the used box's place are being made meanwhile
HEALTH_S = 1.0
MEMORY_MARGIN = 1.1
DISK_MARGIN_BYTES = 64 << 20
DISK_PATIENCE_S = 5.0
_BLOCK = 512
_SYSV = ("/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg")
_SEARCHED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/home")
_SETUID = stat.S_ISUID | stat.S_ISGID


@dataclass(frozen=True)
class Place:
    """Where a suite runs: its product, its canaries, and the folder of its own."""

    folder: Path
    product: Product
    canaries: Canaries
    agent: int
    instance: str
    first_uid: int | None


@dataclass(frozen=True)
class Snapshot:
    """The machine before a case."""

    ticks: int
    wall: float
    boxes: frozenset[str]
    hits: int
    shm: frozenset[str]
    sysv: tuple[int, ...]
    disk_bytes: int
    inputs: dict[str, str]  # path -> digest


@dataclass(frozen=True)
class Aftermath:
    """One case that has ended, and all that is needed to look at what it left."""

    place: Place
    before: Snapshot
    seen: Evidence
    watch: Watch
    written: tuple[Path, ...]  # what the command line wrote for its user


Look = Callable[[Aftermath], list[str]]


def snapshot(place: Place, inputs: Iterable[Path]) -> Snapshot:
    return Snapshot(
        now_ticks(),
        time.time(),
        frozenset(place.product.boxes()),
        len(place.canaries.listeners.hits),
        frozenset(os.listdir("/dev/shm")),
        _sysv_counts(),
        disk_held(place),
        {str(path): _digest(path) for path in inputs},
    )


def outside_dir_unchanged(after: Aftermath) -> list[str]:
    outside = after.place.canaries.outside
    found = sorted(os.listdir(outside))
    failures = [f"the folder outside holds {found}"] if found else []
    mode = stat.S_IMODE(outside.stat().st_mode)
    return failures if mode == 0o777 else [*failures, f"the folder outside has mode {mode:o}"]


def no_marker_files(after: Aftermath) -> list[str]:
    def find() -> list[str]:
        places = [place for place in _SEARCHED if os.path.isdir(place)]
        name = f"*{after.place.canaries.marker}*"
        shown = subprocess.run(["find", *places, "-xdev", "-name", name], capture_output=True, text=True)
        return shown.stdout.split("\n")[:-1]

    found = _at_last_empty(find)
    for path in found:  # so that the next case is judged for itself
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.unlink(path)
    return [f"marker left at {path}" for path in found]


def listeners_silent(after: Aftermath) -> list[str]:
    hits = after.place.canaries.listeners.hits[after.before.hits :]
    return [f"a listener was reached: {hit}" for hit in hits]


def port_not_reachable(after: Aftermath) -> list[str]:
    return ["the script's port could be reached from outside"] if after.watch.port_was_reached else []


def victim_alive(after: Aftermath) -> list[str]:
    return after.place.canaries.victims.hurt()


def no_leftovers(after: Aftermath) -> list[str]:
    """In two seconds no process of the run lives and its box is gone; all other boxes are spares at rest."""
    if not after.seen.answer.run:
        return []
    started = time.monotonic()
    while True:
        stray, unsettled = _leftovers(after)
        took = time.monotonic() - started
        if not stray and not unsettled:
            return []
        if (stray and took > GONE_WITHIN_S) or took > SETTLED_WITHIN_S:
            return [*stray, *unsettled]
        time.sleep(0.1)


def cwd_gone(after: Aftermath) -> list[str]:
    """The path that the result's last row names is not there, or was there long before."""
    details = after.seen.column("detail")
    if not details:
        return ["the result names no working folder"]
    path = str(details[-1])
    gone = not os.path.exists(path) or os.stat(path).st_ctime < after.before.wall
    return [] if gone else [f"the working folder {path} is still there"]


def no_canary_in_artifacts(after: Aftermath) -> list[str]:
    secrets = [secret.encode() for secret in after.place.canaries.private_secrets]
    return [
        f"{path} holds a canary's secret"
        for path in _kept_files(after)
        if any(secret in _content(path) for secret in secrets)
    ]


def artifacts_contained(after: Aftermath) -> list[str]:
    """What is kept of the run lies in the run's folder or the store, as plain files of one name."""
    home = after.place.product.home
    answer = after.seen.answer
    if not answer.run:
        return []
    folder = home / "runs" / answer.run
    logs = [str(answer.told.get(name)) for name in ("stdout", "stderr") if answer.told.get(name)]
    told = answer.told.get("outputs")
    outputs = [str(path) for path in told.values()] if isinstance(told, dict) else []
    failures = [
        *_outside(folder, [*answer.paths("images"), *answer.paths("files"), *logs]),
        *_outside(home, outputs),
    ]
    for path, status in _below(folder):
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            failures.append(f"{path} is neither a file nor a folder")
        elif stat.S_ISREG(status.st_mode) and status.st_nlink != 1:
            failures.append(f"{path} has {status.st_nlink} names")
    return failures


def no_setuid_left(after: Aftermath) -> list[str]:
    def find() -> list[str]:
        home = after.place.product.home
        return [
            str(path)
            for path, status in _below(home)
            if stat.S_ISREG(status.st_mode) and status.st_mode & _SETUID
        ]

    return [f"{path} has a setuid or setgid bit" for path in _at_last_empty(find)]


def no_core_files(after: Aftermath) -> list[str]:
    return [
        f"core file {path}"
        for path, status in _below(after.place.folder)
        if path.name.startswith("core")
        and stat.S_ISREG(status.st_mode)
        and status.st_mtime >= after.before.wall
    ]


def no_shm_left(after: Aftermath) -> list[str]:
    def left() -> list[str]:
        found = sorted(set(os.listdir("/dev/shm")) - after.before.shm)
        now = _sysv_counts()
        return [
            *(f"/dev/shm/{name}" for name in found),
            *([f"System V objects {now}"] if now > after.before.sysv else []),
        ]

    return [f"left behind: {what}" for what in _at_last_empty(left)]


def disk_freed(after: Aftermath) -> list[str]:
    """What the workspace holds on disk, named or not, is what it held before.

    The neighbours of this machine write too, so the free space of the file system says nothing.
    """

    def grown() -> list[str]:
        more = disk_held(after.place) - after.before.disk_bytes
        return [f"{more >> 20} MiB more are held on disk"] if more > DISK_MARGIN_BYTES else []

    return _at_last_empty(grown, DISK_PATIENCE_S)


def memory_under_cap(after: Aftermath) -> list[str]:
    peak = after.watch.peak_bytes
    if peak <= MEMORY_BYTES * MEMORY_MARGIN:
        return []
    return [f"the run had {peak >> 20} MiB at its peak, the limit is {MEMORY_BYTES >> 20}"]


def input_dataset_unchanged(after: Aftermath) -> list[str]:
    return [
        f"{path} has changed" for path, digest in after.before.inputs.items() if _digest(Path(path)) != digest
    ]


def server_healthy(after: Aftermath) -> list[str]:
    """While the case ran; that a trivial run completes afterwards is the driver's part."""
    failures = sorted(set(after.watch.unhealthy))
    if after.watch.slowest_s > HEALTH_S:
        failures.append(f"the agent answered after {after.watch.slowest_s:.1f} s")
    return failures


LOOKS: dict[str, Look] = {
    look.__name__: look
    for look in (
        artifacts_contained,
        cwd_gone,
        disk_freed,
        input_dataset_unchanged,
        listeners_silent,
        memory_under_cap,
        no_canary_in_artifacts,
        no_core_files,
        no_leftovers,
        no_marker_files,
        no_setuid_left,
        no_shm_left,
        outside_dir_unchanged,
        port_not_reachable,
        server_healthy,
        victim_alive,
    )
}
ALWAYS = (  # cheap enough to be asked after every case, whatever it says
    "no_leftovers",
    "outside_dir_unchanged",
    "listeners_silent",
    "victim_alive",
    "artifacts_contained",
    "no_canary_in_artifacts",
    "no_core_files",
)


def disk_held(place: Place) -> int:
    """Bytes on disk below the workspace, and in deleted files that its processes hold open."""
    named = sum(status.st_blocks * _BLOCK for _, status in _below(place.product.home))
    device = place.product.home.stat().st_dev
    held: dict[int, int] = {}
    for pid in process_tree(place.agent).of_agent():
        for status in _open_files(pid):
            if status.st_nlink == 0 and status.st_dev == device:
                held[status.st_ino] = status.st_blocks * _BLOCK
    return named + sum(held.values())


def _leftovers(after: Aftermath) -> tuple[list[str], list[str]]:
    """Processes that may not be there, and boxes that are not at rest yet."""
    place = after.place
    tree = process_tree(place.agent)
    keepers = tree.keepers()
    boxes = place.product.boxes()
    stray = [f"process {_shown(one)} left over" for one in _strangers(after, tree)]
    if after.before.boxes and after.before.boxes <= boxes:
        stray.append("the run's box is still there")
    unsettled = [
        f"box of process {keeper.pid} has {len(list(tree.below(keeper.pid)))} processes"
        for keeper in keepers
        if len(list(tree.below(keeper.pid))) > 1
    ]
    if len(keepers) != len(boxes):
        unsettled.append(f"{len(boxes)} boxes have {len(keepers)} keepers")
    return stray, unsettled


def _strangers(after: Aftermath, tree: Tree) -> Iterator[Process]:
    """Living processes of the boxes' identities that do not descend from the agent."""
    agents = tree.of_agent()
    ours = {os.getpid(), *(one.pid for one in tree.below(os.getpid()))}
    for one in tree.known.values():
        if one.pid in agents or one.pid in ours or one.state in "ZX":
            continue
        if _has_identity_of_box(one, after):
            yield one


def _has_identity_of_box(one: Process, after: Aftermath) -> bool:
    first = after.place.first_uid
    if first is not None:
        return first < one.uid < first + UID_BLOCK
    return _is_of_instance(one.pid, after.place.instance) and started_after(one.pid, after.before.ticks)


def _is_of_instance(pid: int, instance: str) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return f"SKYLOOM_INSTANCE={instance}".encode() in file.read()
    except OSError:
        return False


def _shown(one: Process) -> str:
    return f"{one.pid} ({one.name}, {one.state}, user {one.uid})"


def _at_last_empty(find: Callable[[], list[str]], patience_s: float | None = None) -> list[str]:
    """What is still found when the clean-up has had its time."""
    until = time.monotonic() + (GONE_WITHIN_S if patience_s is None else patience_s)
    while (found := find()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def _kept_files(after: Aftermath) -> Iterator[Path]:
    home = after.place.product.home
    roots = [home / "exports", home / "artifacts", *after.written]
    if after.seen.answer.run:
        roots.append(home / "runs" / after.seen.answer.run)
    for root in roots:
        for path, status in _below(root):
            if stat.S_ISREG(status.st_mode) and status.st_mtime >= after.before.wall - 1:
                yield path


def _outside(folder: Path, paths: Iterable[str]) -> list[str]:
    real = folder.resolve()
    return [
        f"{path} does not lie in {folder}"
        for path in paths
        if os.path.islink(path) or real not in Path(path).resolve().parents
    ]


def _below(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below a folder, or the file itself; what vanishes meanwhile is left out."""
    if root.is_file() and not root.is_symlink():
        yield root, root.lstat()
    for parent, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(parent, name)
            try:
                yield path, path.lstat()
            except OSError:
                continue


def _open_files(pid: int) -> Iterator[os.stat_result]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        try:
            yield os.stat(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sysv_counts() -> tuple[int, ...]:
    """How many objects of each kind there are."""
    counts = []
    for table in _SYSV:
        try:
            with open(table, encoding="ascii") as file:
                counts.append(len(file.readlines()) - 1)
        except OSError:
            counts.append(0)
    return tuple(counts)
