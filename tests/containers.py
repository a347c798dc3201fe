"""Real Podman for tests, with storage of its own, and a base image made of this machine's Python.

No registry is asked: the image is imported from an archive.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

WANTED = "SKYLOOM_TEST_CONTAINERS"
BASE = "localhost/skyloom-test-base:1"
_PROGRAMS = ("sh", "cat", "sleep")
# of the standard library; what needs further libraries of the system stays out
_LEFT_OUT = (
    "test",
    "site-packages",
    "idlelib",
    "ensurepip",
    "lib2to3",
    "tkinter",
    "turtledemo",
    "__pycache__",
)
_WITHOUT = ("_tkinter", "_ssl", "_test", "_curses", "readline", "_codecs_", "xx", "_sqlite3", "nis", "_dbm")


class Podman:
    """The command with folders of its own: what it runs and stores is nobody else's."""

    def __init__(self, folder: Path) -> None:
        storage, engine = folder / "storage.conf", folder / "containers.conf"
        storage.write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n'
        )
        runtime = 'runtime = "runc"\n' if shutil.which("runc") else ""
        # limits that a machine which is a container itself lets one set
        engine.write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
            f'[engine]\n{runtime}cgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        )
        self.variables = {
            "SKYLOOM_CONTAINERS": shutil.which("podman") or "podman",
            "CONTAINERS_CONF": str(engine),
            "CONTAINERS_STORAGE_CONF": str(storage),
        }

    def __call__(self, *words: str) -> str:
        """What it said; a failure fails the test."""
        done = subprocess.run(
            ["podman", *words],
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        """Remove its containers and images; its folder goes with the caller's."""
        self("system", "reset", "--force")


@cache
def why_no_podman() -> str:
    """Nothing when this machine has what these tests need."""
    if shutil.which("podman") is None:
        return "there is no Podman (Debian: podman, and runc on a machine with cgroups of version 1)"
    if not os.environ.get(WANTED):
        return f"real containers take half a minute: set {WANTED}=1 to run them"
    if os.geteuid() != 0:
        return "these tests give Podman storage of its own, as root"
    return ""


def podman_with_base(folder: Path) -> tuple[Podman | None, str]:
    """Podman with the base image in it, or why no container runs on this machine."""
    why = why_no_podman()
    if why:
        return None, why
    podman = Podman(folder)
    archive = folder / "base.tar"
    _write_base(archive)
    podman("import", str(archive), BASE)
    archive.unlink()
    try:
        podman("run", "--rm", "--network=none", BASE, "sh", "-c", "exit 0")
    except AssertionError as error:
        return None, f"Podman runs no container here: {str(error).strip()[-200:]}"
    return podman, ""


def _write_base(archive: Path) -> None:
    """This machine's Python, a shell, and the libraries that they load."""
    library = Path(os.__file__).parent
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    program = Path(sys.base_prefix, "bin", version)
    modules = [one for one in (library / "lib-dynload").glob("*.so") if not one.name.startswith(_WITHOUT)]
    programs = [Path(path) for name in _PROGRAMS if (path := shutil.which(name))]
    with tarfile.open(archive, "w", dereference=True) as tar:
        for name in ("tmp", "proc", "sys", "dev", "etc", "run", "var/tmp"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        tar.add(program, "usr/bin/python3")
        for one in programs:
            tar.add(one, f"bin/{one.name}")
        for loaded in _libraries_of([program, *programs, *modules]):
            tar.add(loaded, loaded.lstrip("/"))
        for module in modules:
            tar.add(module, f"usr/lib/{version}/lib-dynload/{module.name}")
        for entry in sorted(library.iterdir()):
            if entry.name in _LEFT_OUT or entry.name.startswith(("config-", "lib-dynload")):
                continue
            tar.add(entry, f"usr/lib/{version}/{entry.name}", filter=_source_only)


def _source_only(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.endswith("__pycache__") else entry


def _libraries_of(programs: list[Path]) -> list[str]:
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    words = (word for line in said.splitlines() if line.startswith("\t") for word in line.split())
    return sorted({word for word in words if word.startswith("/")})
