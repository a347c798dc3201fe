from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.compute.sandbox import cgroups

HYBRID_MOUNTS = """\
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0"""


def test_version_1_groups_lie_below_the_agents_own() -> None:
    groups = cgroups.locate(HYBRID_MOUNTS, "8:pids:/\n4:memory:/a/b\n0::/", "skyloom-x")
    assert not groups.unified
    assert dict(groups.folders) == {
        "memory": "/sys/fs/cgroup/memory/a/b/skyloom-x",
        "pids": "/sys/fs/cgroup/pids/skyloom-x",
    }


def test_version_2_is_used_where_version_1_has_no_memory() -> None:
    groups = cgroups.locate("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", "0::/user.slice/x.scope", "skyloom-x")
    assert groups.unified
    assert dict(groups.folders)["pids"] == "/sys/fs/cgroup/user.slice/x.scope/skyloom-x"


def test_machine_without_cgroups_says_so() -> None:
    with pytest.raises(cgroups.NotUsable, match="no cgroup hierarchy"):
        cgroups.locate("tmpfs /tmp tmpfs rw 0 0", "", "x")


@pytest.fixture
def unified(tmp_path: Path) -> cgroups.Group:
    for name in ("memory.max", "pids.max", "cgroup.procs", "memory.events", "memory.peak"):
        (tmp_path / name).write_text("")
    return cgroups.Group({"memory": str(tmp_path), "pids": str(tmp_path)}, True)


def test_limits_of_version_2_are_written(unified: cgroups.Group, tmp_path: Path) -> None:
    unified.limit(1 << 30, 64)
    assert (tmp_path / "memory.max").read_text() == "1073741824"
    assert (tmp_path / "pids.max").read_text() == "64"


def test_no_limit_of_version_2_has_its_own_word(unified: cgroups.Group, tmp_path: Path) -> None:
    unified.limit(None, 64)
    assert (tmp_path / "memory.max").read_text() == "max"


def test_kill_for_memory_is_seen(unified: cgroups.Group, tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\noom 3\noom_kill 0\n")
    assert not unified.was_out_of_memory()
    (tmp_path / "memory.events").write_text("low 0\noom 3\noom_kill 1\n")
    assert unified.was_out_of_memory()


def test_limit_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    group = cgroups.Group({"memory": str(tmp_path), "pids": str(tmp_path)}, True)
    with pytest.raises(OSError, match=r"memory\.max"):
        group.limit(1, 1)


def test_parent_with_foreign_processes_is_not_touched(tmp_path: Path) -> None:
    for name, text in (
        ("cgroup.controllers", "memory pids cpu"),
        ("cgroup.subtree_control", ""),
        ("cgroup.procs", "1\n2\n"),
        ("cgroup.type", "domain"),
    ):
        (tmp_path / name).write_text(text)
    with pytest.raises(cgroups.NotUsable, match="share the agent's cgroup"):
        cgroups._hand_down(str(tmp_path))


def test_parent_without_controllers_says_what_to_ask_for(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu")
    with pytest.raises(cgroups.NotUsable, match="Delegate=yes"):
        cgroups._hand_down(str(tmp_path))
