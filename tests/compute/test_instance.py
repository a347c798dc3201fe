"""What an agent leaves when it is killed, and how the next one finds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from skyloom.compute.instance import MARK, Instance, claim_uids, remove_dead_roots, sweep
from skyloom.compute.sandbox import levels
from tests.compute.boxes import Boxes

_AGENT = """
    import sys, threading
    from pathlib import Path
    from tests.compute.boxes import Boxes, script
    boxes = Boxes(Path(sys.argv[1]))
    body = (
        "import signal\\nfor n in range(3):\\n    if os.fork() == 0:\\n        os.setsid()\\n"
        "        if n == 1: os.kill(os.getpid(), signal.SIGSTOP)\\n        time.sleep(600)\\n"
        "print('busy', flush=True)\\ntime.sleep(600)"
    )
    say = lambda *_: print(boxes.compute._instance.id, flush=True)
    boxes.run(script(body), level=sys.argv[2], on_console=say)
"""


def test_block_of_user_ids_is_given_once() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives user ids away")
    first, second = claim_uids(), claim_uids()
    assert abs(first.first - second.first) >= first.count
    for block in (first, second):
        os.close(block.lock)


def test_slot_comes_back() -> None:
    with _folder() as folder:
        instance = Instance(str(folder))
        taken = [instance.take_slot() for _ in range(255)]
        assert len(set(taken)) == 255
        with pytest.raises(OSError, match="boxes are there"):
            instance.take_slot()
        instance.give_back(7)
        assert instance.take_slot() == 7
        instance.close()


def test_sweep_removes_dead_instances_and_leaves_living_ones() -> None:
    with _folder() as folder:
        living, dead = Instance(str(folder)), Instance(str(folder))
        orphan = subprocess.Popen(["sleep", "600"], env={MARK: dead.id})
        os.close(dead._lock or -1)
        assert sweep(str(folder)) == (dead.id,)
        assert orphan.wait(timeout=5) == -signal.SIGKILL
        assert not os.path.exists(dead.folder)
        assert os.path.exists(living.folder)
        living.close()
        if dead.uids:
            os.close(dead.uids.lock)


def test_roots_of_dead_owners_go_and_those_of_living_ones_stay() -> None:
    with _folder() as folder:
        roots = {name: folder / f"node-{name}" for name in ("living", "dead", "new")}
        owners = {name: Instance(str(root)) for name, root in roots.items()}
        for name in ("dead", "new"):
            os.close(owners[name]._lock or -1)
            if uids := owners[name].uids:
                os.close(uids.lock)
        (folder / "other").mkdir()
        for name in ("node-living", "node-dead", "other"):
            os.utime(folder / name, (0, 0))
        (folder / "node-link").symlink_to(folder / "other")
        os.utime(folder / "node-link", (0, 0), follow_symlinks=False)
        remove_dead_roots(str(folder), "node-")
        left = sorted(path.name for path in folder.iterdir())
        assert left == ["node-link", "node-living", "node-new", "other"]
        owners["living"].close()


def test_the_root_of_another_user_is_not_looked_into() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives folders away")
    with _folder() as folder:
        foreign = folder / "node-foreign"
        Instance(str(foreign)).close()
        os.chown(foreign, 65534, 65534)
        os.utime(foreign, (0, 0))
        remove_dead_roots(str(folder), "node-")
        assert foreign.is_dir()


@pytest.mark.real("sandbox")
def test_killed_agent_leaves_no_process(level: str, boxes: Boxes) -> None:
    with _folder() as folder:
        command = [sys.executable, "-c", textwrap.dedent(_AGENT), str(folder), level]
        root = Path(__file__).parents[2]
        agent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
        assert agent.stdout is not None
        with agent.stdout as output:
            instance = output.readline().strip()
            assert len(_processes(instance)) > 5
            agent.kill()
            agent.wait()
            until = time.monotonic() + 10
            while _processes(instance) and time.monotonic() < until:
                time.sleep(0.02)
            assert _processes(instance) == []
        assert sweep(str(folder / "boxes")) == (instance,)
        assert os.listdir(folder / "boxes") == ["cache"]


def test_level_of_a_test_is_a_level(level: str) -> None:
    assert level in levels.BEST_FIRST


def _processes(instance: str) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if f"{MARK}={instance}".encode() in file.read():
                        found.append(int(name))
            except OSError:
                continue
    return found


class _folder:
    """A folder outside pytest's own, whose mode keeps boxes out."""

    def __enter__(self) -> Path:
        self._made = tempfile.TemporaryDirectory(prefix="skyloom-instance-", dir="/var/tmp")
        Path(self._made.name).chmod(0o711)
        return Path(self._made.name)

    def __exit__(self, *error: object) -> None:
        self._made.cleanup()
