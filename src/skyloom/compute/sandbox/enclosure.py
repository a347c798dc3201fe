"""The order in which a box is closed, for each level. Source: reliability.md 1.4.

House (zygote, once): own user, mount, network, IPC, name and process spaces; the small root.
Box (per run): the keeper makes own spaces again, and furniture, and gives up its rights; the user process
joins these spaces and closes itself: identity, no capabilities, no new privileges, Landlock, seccomp. At
level kernel-filter there are no spaces, and the keeper stays outside.
"""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from skyloom.compute.sandbox import identity, kernel, landlock, levels, loopback, mounts, namespaces, seccomp
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
    has_loopback: bool = False  # programs in it may talk to each other, over the box's own network space


_SPACES = namespaces.MOUNT | namespaces.NET | namespaces.IPC | namespaces.UTS | namespaces.CGROUP


def close_around_keeper(house: House, box: BoxPlan) -> tuple[int, int]:
    """Make the spaces of a box for the calling process, number 1 of its process space, and furnish them.

    The keeper runs nothing but our own lines, so it gives up its rights and needs no filters.

    Returns
    -------
    tuple of int
        A descriptor of /dev/shm for the agent, and the Landlock rules for the user process.

    Raises
    ------
    OSError
        One layer could not be applied; the box must not be used.
    """
    namespaces.leave(_SPACES)
    if box.has_loopback:
        loopback.bring_up()
    shm = mounts.furnish(box.name, house.work, house.scratch, box.shm_bytes, box.has_loopback)
    os.chdir("/")
    rules = landlock.make_rules(
        _readable(house, ("/proc",)),
        _writable(house, box, "/dev/shm", *([mounts.SHARED] if box.has_loopback else [])),
        box.has_loopback,
    )
    _give_up_rights(box.uid)
    identity.gain_no_privileges()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else the zygote may not join the spaces
    return shm, rules


def close_around_adopted(house: House, box: BoxPlan, keeper: int, rules: int) -> None:
    """Close the keeper's box around the calling user process, which it has adopted; closes ``rules``.

    Raises
    ------
    OSError
        One layer could not be applied; the box must not be used.
    """
    kernel.call("setns", keeper, _SPACES)
    os.chdir("/")
    if box.uid is None:
        _count_processes_apart()
        identity.drop_bounding_set()  # a new user namespace begins with a full one
    _give_up_rights(box.uid)
    _filter(rules, sees_others=False, has_loopback=box.has_loopback)


def close_around_user(house: House, box: BoxPlan) -> None:
    """Close a box around the calling user process at level kernel-filter or none; its keeper stays outside.

    Raises
    ------
    OSError
        One layer could not be applied; the box must not be used.
    """
    if box.has_loopback and levels.has_filters(house.level):
        raise OSError(errno.EOPNOTSUPP, "there is no network space of its own at this level")
    os.chdir(house.work_of(box.name))
    kept = _capabilities_to_keep(house, box)
    if box.uid is not None:
        identity.drop_bounding_set(kept)
        identity.become_keeping_capabilities(box.uid)
    identity.keep_only(kept, for_children=True)
    if levels.has_filters(house.level):
        own = tuple(f"/proc/{os.getpid()}/{name}" for name in OWN_PROC_FILES)
        rules = landlock.make_rules(_readable(house, (*PROC_FILES, *own)), _writable(house, box))
        _filter(rules, sees_others=True)
    else:
        identity.gain_no_privileges()


def _give_up_rights(uid: int | None) -> None:
    """The bounding set is empty since the house was entered."""
    if uid is not None:
        identity.become(uid)
    identity.keep_only()


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


def _writable(house: House, box: BoxPlan, *further: str) -> tuple[str, ...]:
    return (house.work_of(box.name), house.scratch_of(box.name), *DEVICES, *further)


def _filter(rules: int, sees_others: bool, has_loopback: bool = False) -> None:
    identity.gain_no_privileges()
    landlock.restrict(rules)
    seccomp.install(sees_others, has_loopback)
