"""What of this machine a box may see: the folders of the system, of its interpreter and of our own code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import NamedTuple

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

# what may be read of /proc at level kernel-filter, where other processes share it
PROC_FILES = (
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/kernel/cap_last_cap",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/random",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
    "/proc/version",
)
OWN_PROC_FILES = ("cmdline", "comm", "fd", "io", "limits", "maps", "smaps_rollup", "stat", "statm", "status")

_WORK_NAMES = ("/work", "/workfolder", "/skyloom-work")
_SCRATCH_NAMES = ("/tmp", "/skyloom-tmp")


class View(NamedTuple):
    """``binds`` are (path on the machine, path in the box); ``links`` are (path in the box, what it says)."""

    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]

    @property
    def readable(self) -> tuple[str, ...]:
        return tuple(target for _, target in self.binds)


def view_for(package: str) -> View:
    """Work out what this interpreter, with the package folder of ours, needs to see."""
    binds: dict[str, str] = {}
    links: dict[str, str] = {}
    for path in SYSTEM_FOLDERS:
        if os.path.islink(path):
            links[path] = os.readlink(path)
        elif os.path.isdir(path):
            binds[path] = path
    for path in (*SYSTEM_FILES, *interpreter_paths(), package):
        if os.path.exists(path) and not _is_below(path, binds):
            binds[path] = os.path.realpath(path)
            binds.setdefault(binds[path], binds[path])
    return View(tuple((source, target) for target, source in binds.items()), tuple(links.items()))


def work_path(view: View) -> str:
    """Where the work folder appears in a box: /work, unless the interpreter itself lives below a /work."""
    return _free(_WORK_NAMES, view)


def scratch_path(view: View) -> str:
    """Where the folder for temporary files appears in a box: /tmp, unless the interpreter lives below it."""
    return _free(_SCRATCH_NAMES, view)


def interpreter_paths() -> list[str]:
    """Folders and links through which this interpreter, its libraries and its packages are found."""
    paths = [
        virtual_environment() or sys.prefix,
        sys.prefix,
        sys.exec_prefix,
        sys.base_prefix,
        sys.base_exec_prefix,
    ]
    hop = sys.executable
    while hop:  # bin/python -> python3.11 -> /elsewhere/bin/python3.11: every hop must be there
        paths.append(hop)
        hop = os.path.join(os.path.dirname(hop), os.readlink(hop)) if os.path.islink(hop) else ""
    return [os.path.normpath(path) for path in paths]


def virtual_environment() -> str:
    """Folder of the virtual environment; empty when there is none. ``site`` has not run yet when we ask."""
    folder = os.path.dirname(os.path.dirname(sys.executable))
    return folder if os.path.isfile(os.path.join(folder, "pyvenv.cfg")) else ""


def _free(names: tuple[str, ...], view: View) -> str:
    for name in names:
        if not any(_is_below(target, (name,)) for target in view.readable):
            return name
    return names[-1]


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)
