"""Mounts: a root folder of our own making, in which only what a box may see has a name.

Two steps. The zygote once makes the house: a small root with the system, the interpreter and the devices,
read-only, and the folder of all boxes at one hidden place. Each box copies the house and furnishes it: its
own work folder, /tmp, /dev/shm and /proc; then the hidden place is taken away.
"""

from __future__ import annotations

import ctypes
import os
import stat
from typing import Sequence

from skyloom.compute.sandbox import identity, kernel, namespaces
from skyloom.compute.sandbox.view import DEVICES, View

BOXES = "/.boxes"  # these two are there for the zygote only
CACHE = "/.cache"
SHARED = "/dbfs"  # of an open box: the folder that Databricks has there; it lies in the work folder

_NOSUID, _NODEV, _NOEXEC = 2, 4, 8
_BIND, _MOVE, _RECURSIVE, _PRIVATE = 4096, 8192, 16384, 1 << 18
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTRIBUTE_READ_ONLY, _ATTRIBUTE_NOSUID, _ATTRIBUTE_NODEV, _ATTRIBUTE_NOEXEC = 1, 2, 4, 8

_PASSWD = "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
_GROUP = "root:x:0:\nnogroup:x:65534:\n"
_HOSTS = "127.0.0.1 localhost\n::1 localhost\n"
_NSSWITCH = "passwd: files\ngroup: files\nhosts: files\n"


class _Attributes(ctypes.Structure):
    _fields_ = [
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    ]


def make_private() -> None:
    """Nothing we mount from here on is seen outside, nor the other way round."""
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)


def open_sources(view: View, boxes: str, cache: str) -> dict[str, int]:
    """Open every folder of the view by descriptor, by its place in the box.

    To be called after the new mount namespace and before the identity changes: the interpreter may live below
    a folder that only root may enter, and a descriptor goes past it (reliability.md 1.3, trap 6).
    """
    places = {**{target: source for source, target in view.binds}, BOXES: boxes, CACHE: cache}
    places.update((device, device) for device in DEVICES if os.path.exists(device))
    return {target: os.open(source, os.O_PATH | os.O_CLOEXEC) for target, source in places.items()}


def open_way(view: View, writable: Sequence[str], uid: int) -> None:
    """Let a bare user id reach what it needs below folders that shut others out.

    For a root agent at a level without a house: in a mount namespace of our own each closed folder is covered
    by an empty one that may be passed through, and in the cover appear the parts of the view and the
    ``writable`` folders that lie below it, and nothing else.

    Raises
    ------
    OSError
        There is no mount namespace to be had; nothing was changed.
    """
    places = {**{target: source for source, target in view.binds}, **{path: path for path in writable}}
    closed = {target: identity.closed_folder(uid, target) for target in places}
    hidden = {target: source for target, source in places.items() if closed[target]}
    if not hidden:
        return
    namespaces.leave(namespaces.MOUNT)
    make_private()
    sources = {target: os.open(source, os.O_PATH | os.O_CLOEXEC) for target, source in hidden.items()}
    for folder in sorted({str(closed[target]) for target in hidden}):
        _mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, "mode=0711,size=1m")
    for target in _outermost_first(sources):
        _bind(sources[target], target, is_writable=target in writable)
        os.close(sources[target])


def build_house(
    view: View, sources: dict[str, int], work: str, scratch: str, identities: Sequence[int] = ()
) -> None:
    """Make the small root and move into it; the root of the machine is gone afterwards.

    Descriptors in ``sources`` are closed. ``identities`` are user ids that boxes may have: each gets a name,
    for some programs (Java's) refuse to start without one.
    """
    house = "/tmp"  # any folder that is there: it is covered only in our own mount namespace
    _mount("tmpfs", house, "tmpfs", _NOSUID | _NODEV, "mode=0711,size=1m")
    for target in _outermost_first(sources):
        _bind(sources[target], house + target)
        os.close(sources[target])
    for path, text in view.links:
        _link(text, house + path)
    _write_small_files(house, work, identities)
    for folder in ("/proc", "/dev/shm", work, scratch, SHARED):
        _make_folder(house + folder)
    _mount("proc", house + "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    _move_in(house)
    _set_attributes("/", _ATTRIBUTE_READ_ONLY, recursive=False)


def furnish(box: str, work: str, scratch: str, shm_bytes: int, has_shared: bool = False) -> int:
    """Give a copy of the house the folders of one box: work, temporary files, /dev/shm and /proc.

    Returns
    -------
    int
        A descriptor of /dev/shm, by which the parent can see how full it is.
    """
    _mount(f"{BOXES}/{box}/work", work, None, _BIND)
    _mount(f"{BOXES}/{box}/tmp", scratch, None, _BIND)
    if has_shared:
        _mount(f"{BOXES}/{box}/work{SHARED}", SHARED, None, _BIND)
    for folder in (work, scratch, *([SHARED] if has_shared else [])):
        _set_attributes(folder, _ATTRIBUTE_NOSUID | _ATTRIBUTE_NODEV)
    options = f"mode=1777,size={shm_bytes},nr_inodes=16384"
    _mount("tmpfs", "/dev/shm", "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    _unmount(BOXES)
    _unmount(CACHE)
    return os.open("/dev/shm", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _outermost_first(sources: dict[str, int]) -> list[str]:
    return sorted(sources, key=lambda target: target.count("/"))


def _bind(source: int, target: str, is_writable: bool = False) -> None:
    status = os.fstat(source)
    if stat.S_ISDIR(status.st_mode):
        _make_folder(target)
    else:
        _make_folder(os.path.dirname(target))
        if not os.path.lexists(target):
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o444))
    _mount(f"/proc/self/fd/{source}", target, None, _BIND | _RECURSIVE)
    is_writable = is_writable or target.endswith((BOXES, CACHE))
    if stat.S_ISCHR(status.st_mode):
        attributes = _ATTRIBUTE_NOSUID | _ATTRIBUTE_NOEXEC
    else:
        attributes = _ATTRIBUTE_NOSUID | _ATTRIBUTE_NODEV | (0 if is_writable else _ATTRIBUTE_READ_ONLY)
    _set_attributes(target, attributes)


def _make_folder(path: str) -> None:
    """Make a folder and those above it, each to be passed through but not to be listed."""
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.mkdir(folder)
        os.chmod(folder, 0o111)


def _write_small_files(house: str, work: str, identities: Sequence[int]) -> None:
    named = "".join(f"box-{number}:x:{number}:{number}::{work}:/bin/sh\n" for number in identities if number)
    texts: tuple[tuple[str, str], ...] = (
        ("/etc/passwd", _PASSWD + named),
        ("/etc/group", _GROUP),
        ("/etc/hosts", _HOSTS),
        ("/etc/nsswitch.conf", _NSSWITCH),
    )
    _make_folder(house + "/etc")
    for path, text in texts:
        with open(house + path, "w") as file:
            file.write(text)
        os.chmod(house + path, 0o444)
    for name, text in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        _link("/proc/self/fd" + text, f"{house}/dev/{name}")


def _link(text: str, path: str) -> None:
    if not os.path.lexists(path):
        os.symlink(text, path)


def _move_in(house: str) -> None:
    os.chdir(house)
    kernel.call("pivot_root", b".", b".")
    _unmount(".")  # the old root lies on top of the new one now
    os.chdir("/")


def _mount(source: object, target: str, kind: object, flags: int, options: object = None) -> None:
    words = [None if word is None else str(word).encode() for word in (source, target, kind)]
    text = None if options is None else ctypes.c_char_p(str(options).encode())
    try:
        kernel.call("mount", *words, flags, text)
    except OSError as error:
        raise OSError(error.errno, f"mount on {target}: {os.strerror(error.errno or 0)}") from error


def _unmount(target: str) -> None:
    kernel.call("umount2", target.encode(), _DETACH)


def _set_attributes(target: str, attributes: int, recursive: bool = True) -> None:
    wanted = _Attributes(attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    kernel.call(
        "mount_setattr", _AT_FDCWD, target.encode(), flags, ctypes.byref(wanted), ctypes.sizeof(wanted)
    )
