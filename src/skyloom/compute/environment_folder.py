"""The folder of one built environment: where things lie, when it counts as complete, who may touch it.

``envs/<32 hex>/`` holds ``venv/``, ``build.log`` and, written last, ``manifest.json``. A virtual environment
cannot be renamed into place (its scripts name their own path), so it is built where it stays and the
manifest is the mark: a folder without one is rubble. From conda channels ``venv/`` has a Python of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from skyloom.core.identity import Digest, digest_of

_FORMAT = 1
_NAME_LENGTH = 32  # hex digits: scripts in bin/ name their interpreter in a line of at most 127 bytes


@dataclass(frozen=True)
class Manifest:
    """What a folder holds; it is written when everything in it was tried."""

    name: str
    wish: Digest  # digest of the Environment
    digest: Digest  # of what was installed: Interpreter.digest
    python: str  # "3.11.7"
    base: str  # real path of the interpreter beneath
    base_state: tuple[int, int]  # its size and time of change, in ns
    pins: tuple[str, ...]  # "name==version", sorted
    distributions: tuple[str, ...]  # the same as found in the folder, spelt as there
    lock: str  # the pins with hashes, as they were installed
    notices: tuple[str, ...]
    built_at: float  # seconds since 1970
    build_s: float
    size_bytes: int
    shared_bytes: int  # part of size_bytes that is hard-linked and so not taken twice
    format: int = _FORMAT
    is_copy: bool = False  # bin/python is a copy of ``base``, as in environments of Python 2
    channels: tuple[str, ...] = ()  # of conda, where its packages and its Python are from there

    @property
    def base_prefix(self) -> str:
        """Folder in which the interpreter beneath is installed."""
        return os.path.dirname(os.path.dirname(self.base))


class EnvironmentFolder:
    """Paths and locks of one environment below ``envs``."""

    def __init__(self, root: Path, wish: Digest, platform: str) -> None:
        key = digest_of([wish, platform]).removeprefix("sha256:")[:_NAME_LENGTH]
        self._at(root, key)

    @classmethod
    def existing(cls, root: Path, key: str) -> EnvironmentFolder:
        """Give the folder called ``key``, whatever wish it was made for."""
        folder = cls.__new__(cls)
        folder._at(root, key)
        return folder

    def _at(self, root: Path, key: str) -> None:
        self.key = key
        self.path = root / key
        self.python = self.path / "venv" / "bin" / "python"
        self.log = self.path / "build.log"
        self.pins = root / "pins" / f"{key}.txt"
        self.conda_pins = root / "pins" / f"{key}.conda.json"
        self._manifest = self.path / "manifest.json"
        self._used = self.path / "last_used"
        self._locks = root / "locks"

    def manifest(self) -> Manifest | None:
        """Read the mark of completeness; None where it is missing or not ours to read."""
        try:
            fields = json.loads(self._manifest.read_bytes())
            if fields.get("format") != _FORMAT:
                return None
            for name in ("base_state", "pins", "distributions", "notices", "channels"):
                fields[name] = tuple(fields.get(name, ()))
            return Manifest(**fields)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def intact(self) -> Manifest | None:
        """Give the manifest if everything it speaks of is still there. Starts no process."""
        manifest = self.manifest()
        if manifest is None or state_of(manifest.base) != manifest.base_state:
            return None
        if not os.access(self.python, os.X_OK):
            return None
        if not manifest.is_copy and os.path.realpath(self.python) != manifest.base:
            return None
        return manifest if self.installed() >= set(manifest.distributions) else None

    def installed(self) -> set[str]:
        """Distributions in the folder as ``name-version``, by what describes them; conda's with the build."""
        found = {entry.stem for entry in self.path.glob("venv/conda-meta/*.json")}
        for packages in self.path.glob("venv/lib/python*/site-packages"):
            for entry in os.listdir(packages):
                if entry.endswith(".dist-info"):
                    found.add(entry.removesuffix(".dist-info"))
        return found

    def complete(self, manifest: Manifest) -> None:
        """Mark the folder as complete, durably and in one step."""
        write_durably(self._manifest, json.dumps(asdict(manifest), indent=1, sort_keys=True))
        self.mark_used()

    def clear(self) -> None:
        """Remove what is there. The mark goes first: a removal that is cut short leaves no false promise."""
        self._manifest.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def forget_pins(self) -> None:
        """Let the next build resolve anew."""
        self.pins.unlink(missing_ok=True)
        self.conda_pins.unlink(missing_ok=True)

    def mark_used(self) -> None:
        self._used.touch()

    def last_used(self) -> float:
        try:
            return self._used.stat().st_mtime
        except OSError:
            return 0.0

    def size(self) -> tuple[int, int]:
        """Bytes in the folder, and the part of them that other folders hold too."""
        total = shared = 0
        for folder, _, files in os.walk(self.path):
            for name in files:
                state = os.lstat(os.path.join(folder, name))
                total += state.st_size
                shared += state.st_size if state.st_nlink > 1 else 0
        return total, shared

    @contextmanager
    def building(self, on_wait: Callable[[], None]) -> Iterator[int]:
        """Keep other builders out, of this process and any other; ``on_wait`` is called if one is at work."""
        lock = self._open_lock("build")
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock
        finally:
            os.close(lock)

    def is_being_built(self) -> bool:
        """Whether somebody builds it at this moment, in this process or another."""
        return self._is_locked("build")

    def is_in_use(self) -> bool:
        """Whether somebody holds it."""
        return self._is_locked("use")

    def _is_locked(self, purpose: str) -> bool:
        lock = self._open_lock(purpose)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def hold(self) -> int:
        """Say that the environment is in use, until the returned descriptor is closed."""
        lock = self._open_lock("use")
        fcntl.flock(lock, fcntl.LOCK_SH)
        return lock

    def remove_if_unused(self) -> bool:
        """Remove the folder unless someone builds or holds it; the pins stay: it can come back the same."""
        build, use = self._open_lock("build"), self._open_lock("use")
        try:
            fcntl.flock(build, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.clear()
        except BlockingIOError:
            return False
        finally:
            os.close(use)
            os.close(build)
        return True

    def _open_lock(self, purpose: str) -> int:
        self._locks.mkdir(parents=True, exist_ok=True)
        return os.open(self._locks / f"{self.key}.{purpose}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def folders_in(root: Path) -> Iterator[EnvironmentFolder]:
    """Every folder of an environment below ``envs``, complete or not."""
    for path in sorted(root.glob("[0-9a-f]" * _NAME_LENGTH)):
        yield EnvironmentFolder.existing(root, path.name)


def state_of(path: str) -> tuple[int, int]:
    """Size and time of change of a file; (0, 0) if it is gone."""
    try:
        state = os.stat(path)
    except OSError:
        return (0, 0)
    return (state.st_size, state.st_mtime_ns)


def write_durably(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
