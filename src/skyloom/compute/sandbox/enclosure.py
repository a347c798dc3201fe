"""The order in which a box is closed, for each level. Source: reliability.md 1.4.

House (zygote, once): own user, mount, network, IPC, name and process spaces; the small root.
Box (keeper, per run): own spaces again, furniture, identity, no capabilities, no new privileges, Landlock,
seccomp. At level kernel-filter the keeper stays outside and the user process closes itself.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from skyloom.compute.sandbox import identity, kernel, landlock, levels, mounts, namespaces, seccomp
from skyloom.compute.sandbox.view import DEVICES, OWN_PROC_FILES, PROC_FILES, SYSTEM_FOLDERS, View


class House(NamedTuple):
    """What all boxes of one zygote have in common."""

    level: str
    view: View
    boxes: str  # folder of all boxes on the machine
    work: str  # where a box finds its work folder; empty: at its place on the machine
    scratch: str

    def work_of(self, box: str) -> str:
        return self.work or os.path.join(self.boxes, box, "work")

    def scratch_of(self, box: str) -> str:
        return self.scratch or os.path.join(self.boxes, box, "tmp")


class BoxPlan(NamedTuple):
    """What is special about one box."""

    name: str  # folder below ``House.boxes`` with work/ and tmp/
    uid: int | None  # None: the identity we have
    shm_bytes: int


def close_around_keeper(house: House, box: BoxPlan) -> int:
    """Close a box around the calling process, number 1 of its process space.

    Returns
    -------
    int
        A descriptor of /dev/shm for the parent.

    Raises
    ------
    OSError
        One layer could not be applied; the box must not be used.
    """
    spaces = namespaces.MOUNT | namespaces.NET | namespaces.IPC | namespaces.UTS | namespaces.CGROUP
    namespaces.leave(spaces)
    shm = mounts.furnish(box.name, house.work, house.scratch, box.shm_bytes)
    os.chdir("/")
    if box.uid is None:
        _count_processes_apart()
    identity.drop_bounding_set()
    if box.uid is not None:
        identity.become(box.uid)
    identity.keep_only()
    _filter(house, box, _readable(house, ("/proc",)), "/dev/shm")
    return shm


def close_around_user(house: House, box: BoxPlan) -> None:
    """Close a box around the calling user process at level kernel-filter or none; its keeper stays outside.

    Raises
    ------
    OSError
        One layer could not be applied; the box must not be used.
    """
    os.chdir(house.work_of(box.name))
    kept = _capabilities_to_keep(house, box)
    if box.uid is not None:
        identity.drop_bounding_set(kept)
        identity.become_keeping_capabilities(box.uid)
    identity.keep_only(kept, for_children=True)
    if levels.has_filters(house.level):
        own = tuple(f"/proc/{os.getpid()}/{name}" for name in OWN_PROC_FILES)
        _filter(house, box, _readable(house, (*PROC_FILES, *own)))
    else:
        identity.gain_no_privileges()


def _capabilities_to_keep(house: House, box: BoxPlan) -> tuple[int, ...]:
    """CAP_DAC_READ_SEARCH where the interpreter lies below a folder that the run's identity may not enter.

    It lets folders and files be read whatever their mode says. At level kernel-filter Landlock still allows
    the view only, and seccomp has shut open_by_handle_at; what is left is that names and sizes of foreign
    files can be asked for.
    """
    if box.uid is None:
        return ()
    reachable = all(identity.can_reach(box.uid, source) for source, _ in house.view.binds)
    return () if reachable else (identity.CAP_DAC_READ_SEARCH,)


def _count_processes_apart() -> None:
    """One more user namespace, because RLIMIT_NPROC counts per namespace and identity."""
    uid, gid = os.geteuid(), os.getegid()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    namespaces.leave(namespaces.USER)
    namespaces.map_identity(uid, gid)


def _readable(house: House, further: tuple[str, ...]) -> tuple[str, ...]:
    small_files = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf")
    return (*SYSTEM_FOLDERS, *house.view.readable, *small_files, *further)


def _filter(house: House, box: BoxPlan, readable: tuple[str, ...], *writable: str) -> None:
    identity.gain_no_privileges()
    folders = (house.work_of(box.name), house.scratch_of(box.name))
    landlock.restrict(readable, (*folders, *DEVICES, *writable))
    seccomp.install(sees_others=not house.work)
