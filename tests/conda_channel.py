"""A conda channel in a folder, with packages that tests make: a real Python, and small ones of their own.

No index is asked. The packages have the form of today's channels (``.conda``: zip of tar.zst), and rattler's
own indexer writes what solvers read.
"""

from __future__ import annotations

import asyncio
import fcntl
import io
import json
import os
import platform
import stat
import struct
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.environments import HOME

PLATFORM = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}.get(platform.machine(), "")
VERSION = platform.python_version()
FEATURE = VERSION.rpartition(".")[0]
# of the standard library; nothing that a box or an installer needs
_LEFT_OUT = ("test", "tests", "site-packages", "idlelib", "lib2to3", "tkinter", "turtledemo", "__pycache__")
_FIXED_TIME = 1_700_000_000  # so that the same content makes the same package


def why_no_channel() -> str:
    """Nothing when this machine can make such a channel and install from it."""
    if find_spec("rattler") is None:
        return "py-rattler is not installed (the extra `conda`)"
    if not PLATFORM:
        return f"conda has no name for {platform.machine()} here"
    if not sysconfig.get_path("purelib").endswith("site-packages"):
        return "the Python of this system keeps its packages elsewhere than others (dist-packages)"
    return ""


@cache
def kept_channel() -> Path:
    """A channel with a Python and two packages; it stays on this machine, as what is built from it does."""
    folder = HOME / f"conda-channel-{VERSION}"
    HOME.mkdir(mode=0o711, exist_ok=True)
    with open(HOME / "conda-channel.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            made = CondaChannel(HOME / f"{folder.name}.{os.getpid()}")
            made.add_python()
            made.add("tiny", "1.0")
            made.add("tiny", "2.0")
            made.add("needy", "1.0", ("python >=3.8", "tiny <2"))
            made.indexed()
            made.folder.rename(folder)
    return folder


class CondaChannel:
    """A channel in a folder; ``indexed`` writes what solvers read and gives its address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for subdir in ("noarch", PLATFORM):
            (folder / subdir).mkdir(parents=True)

    def add(self, name: str, version: str, needs: Sequence[str] = ("python",), code: str = "") -> None:
        """A package of pure Python, for every Python: a module of its name with ``__version__``."""
        described = f"site-packages/{name}-{version}.dist-info"
        files = {
            f"site-packages/{name}.py": f"__version__ = {version!r}\n{code}\n",
            f"{described}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{described}/RECORD": "",
            f"{described}/INSTALLER": "conda\n",
        }
        content = {path: _Entry(text.encode()) for path, text in files.items()}
        self._write("noarch", name, version, needs, content, noarch="python")

    def add_python(self, version: str = VERSION) -> None:
        """This very Python, without its packages; of another patch release by name only."""
        self._write(PLATFORM, "python", version, (), dict(_python_files()))

    def indexed(self) -> str:
        from rattler.index import index_fs  # optional: the extra `conda`

        asyncio.run(index_fs(self.folder, force=True))
        return self.folder.as_uri()

    def _write(
        self,
        subdir: str,
        name: str,
        version: str,
        needs: Sequence[str],
        content: dict[str, _Entry],
        **facts: Any,
    ) -> None:
        build = "py_0" if facts else "0"
        index = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": 0,
            "depends": list(needs),
            "subdir": subdir,
            "timestamp": _FIXED_TIME * 1000,
            **({} if facts else {"arch": subdir.split("-")[1], "platform": "linux"}),
            **facts,
        }
        paths = {"paths": [one.path(name) for name, one in sorted(content.items())], "paths_version": 1}
        about = {"info/index.json": index, "info/paths.json": paths}
        info = {path: _Entry(json.dumps(tree).encode()) for path, tree in about.items()}
        if facts:
            info["info/link.json"] = _Entry(b'{"noarch": {"type": "python"}, "package_metadata_version": 1}')
        stem = f"{name}-{version}-{build}"
        with zipfile.ZipFile(self.folder / subdir / f"{stem}.conda", "w") as package:
            package.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
            package.writestr(f"info-{stem}.tar.zst", _packed(info))
            package.writestr(f"pkg-{stem}.tar.zst", _packed(content))


class _Entry:
    """One file or link of a package."""

    def __init__(self, content: bytes, mode: int = 0o644, link: str = "") -> None:
        self.content, self.mode, self.link = content, mode, link

    def path(self, name: str) -> dict[str, Any]:
        kind = "softlink" if self.link else "hardlink"
        content = b"" if self.link else self.content
        return {
            "_path": name,
            "path_type": kind,
            "sha256": sha256(content).hexdigest(),
            "size_in_bytes": len(content),
        }

    def member(self, name: str) -> tarfile.TarInfo:
        made = tarfile.TarInfo(name)
        made.mode, made.mtime = self.mode, _FIXED_TIME
        if self.link:
            made.type, made.linkname = tarfile.SYMTYPE, self.link
        else:
            made.size = len(self.content)
        return made


def _packed(content: dict[str, _Entry]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, entry in sorted(content.items()):
            tar.addfile(entry.member(name), None if entry.link else io.BytesIO(entry.content))
    return bytes(pa.Codec("zstd", compression_level=1).compress(plain.getvalue(), asbytes=True))


@cache
def _python_files() -> tuple[tuple[str, _Entry], ...]:
    """The program and its standard library, as a conda package has them."""
    program = Path(os.path.realpath(Path(sys.base_prefix, "bin", f"python{FEATURE}")))
    found = {f"bin/python{FEATURE}": _Entry(program.read_bytes(), 0o755)}
    for name in ("python", "python3"):
        found[f"bin/{name}"] = _Entry(b"", link=f"python{FEATURE}")
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        library = Path(str(sysconfig.get_config_var("LIBDIR")), str(sysconfig.get_config_var("INSTSONAME")))
        found[f"lib/{library.name}"] = _Entry(library.read_bytes(), 0o755)
    standard = Path(sysconfig.get_path("stdlib"))
    for path in _files_below(standard):
        mode = 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
        found[f"lib/python{FEATURE}/{path.relative_to(standard)}"] = _Entry(path.read_bytes(), mode)
        if path.suffix == ".py" and (compiled := Path(cache_from_source(str(path)))).is_file():
            place = compiled.relative_to(standard)
            found[f"lib/python{FEATURE}/{place}"] = _Entry(_as_of_then(compiled.read_bytes()))
    return tuple(found.items())


def _as_of_then(compiled: bytes) -> bytes:
    """Byte code for a source of the time that sources have in a package: nobody compiles it again."""
    return (
        compiled[:8] + struct.pack("<I", _FIXED_TIME) + compiled[12:] if not any(compiled[4:8]) else compiled
    )


def _files_below(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in _LEFT_OUT or entry.name.startswith(("config-", "_test")) or entry.suffix == ".a":
            continue
        if entry.is_dir():
            yield from _files_below(entry)
        elif entry.is_file():
            yield entry
