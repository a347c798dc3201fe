"""What of this machine a box may see: the folders of the system, of its interpreter and of our own code."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from typing import NamedTuple

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = (
    "/etc/R",  # Debian keeps the settings of R there, and /usr/lib/R leads to them
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

_R_HOME = re.compile(r"^R_HOME_DIR=['\"]?([^'\"\s]+)", re.MULTILINE)
_FRONT_END_BYTES = 10_000

_WORK_NAMES = ("/work", "/workfolder", "/skyloom-work")
_SCRATCH_NAMES = ("/tmp", "/skyloom-tmp")


class View(NamedTuple):
    """``binds`` are (path on the machine, path in the box); ``links`` are (path in the box, what it says)."""

    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]

    @property
    def readable(self) -> tuple[str, ...]:
        return tuple(target for _, target in self.binds)


def view_for(package: str, further: Iterable[str] = ()) -> View:
    """Work out what this interpreter, with the package folder of ours, needs to see.

    ``further`` are folders of another interpreter that boxes start.
    """
    binds: dict[str, str] = {}
    links: dict[str, str] = {}
    for path in SYSTEM_FOLDERS:
        if os.path.islink(path):
            links[path] = os.readlink(path)
        elif os.path.isdir(path):
            binds[path] = path
    for path in (*SYSTEM_FILES, *interpreter_paths(), *r_paths(), *java_paths(), package, *further):
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
    return [os.path.normpath(path) for path in (*paths, *_hops(sys.executable))]


def program_folders(python: str = "") -> list[str]:
    """Where programs are found in a box: beside the interpreter (ours if none is named), then elsewhere."""
    beside = os.path.dirname(python or sys.executable)
    return list(dict.fromkeys([beside, "/usr/local/bin", "/usr/bin", "/bin"]))


def r_paths() -> list[str]:
    """The program and the home of an R that is linked into the system from elsewhere, as from /opt/R/4.3.1.

    Only what is R's own: the folders above it may hold anything.
    """
    program = shutil.which("Rscript", path=os.pathsep.join(program_folders()))
    if program is None:
        return []
    home = _r_home(os.path.join(os.path.dirname(os.path.realpath(program)), "R"))
    return [*_hops(program), *([home] if home else [])]


def java_paths() -> list[str]:
    """The home of the Java that is on the path, and the folder of settings that Debian's leads to."""
    program = shutil.which("java", path=os.pathsep.join(program_folders()))
    if program is None:
        return []
    home = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    settings = os.path.dirname(os.path.realpath(os.path.join(home, "conf", "net.properties")))
    return [*_hops(program), home, settings] if os.path.isdir(settings) else [*_hops(program), home]


def virtual_environment() -> str:
    """Folder of the virtual environment; empty when there is none. ``site`` has not run yet when we ask."""
    folder = os.path.dirname(os.path.dirname(sys.executable))
    return folder if os.path.isfile(os.path.join(folder, "pyvenv.cfg")) else ""


def _hops(path: str) -> list[str]:
    """Every step of a chain of links: bin/python -> python3.11 -> /elsewhere/bin/python3.11."""
    hops = []
    while path:
        hops.append(path)
        path = os.path.join(os.path.dirname(path), os.readlink(path)) if os.path.islink(path) else ""
    return hops


def _r_home(front_end: str) -> str:
    """The folder that R's own front end, a shell script, names as R's home; empty when it names none."""
    try:
        with open(front_end, encoding="utf-8", errors="replace") as file:
            found = _R_HOME.search(file.read(_FRONT_END_BYTES))
    except OSError:
        return ""
    home = found[1] if found else ""
    return home if os.path.isabs(home) and os.path.isdir(os.path.join(home, "library", "base")) else ""


def _free(names: tuple[str, ...], view: View) -> str:
    for name in names:
        if not any(_is_below(target, (name,)) for target in view.readable):
            return name
    return names[-1]


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)
