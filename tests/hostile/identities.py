"""The suite once more as an ordinary user: no root anywhere, so that namespaces alone must carry the box."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
from pathlib import Path

NOBODY = 65534
_REPOSITORY = Path(__file__).resolve().parents[2]
_NEEDED = ("setpriv", "unshare", "mount")


def command_as_nobody(words: list[str], staging: Path) -> tuple[list[str], str]:
    """The command that runs this suite as nobody, or why there is none.

    Where the interpreter lies below a folder that is closed to others, it is shown to the child alone: in a
    mount space of its own the closed folder is covered, and in the cover there is the interpreter and nothing
    else.
    """
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if os.geteuid() != 0:
        return [], "only root can become somebody else"
    if missing:
        return [], f"{', '.join(missing)} is not installed"
    drop = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--",
        sys.executable,
        *words,
    ]
    closed = _closed_folders()
    if not closed:
        return drop, ""
    script = "\n".join(["set -e", *_cover(closed, staging), f"exec {shlex.join(drop)}"])
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script], ""


def _closed_folders() -> dict[Path, list[Path]]:
    """Folder that nobody may not enter -> what is needed from below it."""
    found: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(Path(place).resolve() for place in (sys.base_prefix, sys.prefix, _REPOSITORY)):
        for parent in (*reversed(path.parents), path):
            if not parent.stat().st_mode & stat.S_IXOTH:
                found.setdefault(parent, []).append(path)
                break
    return found


def _cover(closed: dict[Path, list[Path]], staging: Path) -> list[str]:
    lines = []
    for number, (folder, needed) in enumerate(closed.items()):
        held = [staging / f"{number}-{place}" for place in range(len(needed))]
        for path, holder in zip(needed, held, strict=True):
            lines += [f"mkdir -p {shlex.quote(str(holder))}", _bind(path, holder)]
        lines.append(f"mount -t tmpfs -o mode=755 cover {shlex.quote(str(folder))}")
        for path, holder in zip(needed, held, strict=True):
            lines += [f"mkdir -p {shlex.quote(str(path))}", _bind(holder, path)]
    return lines


def _bind(source: Path, target: Path) -> str:
    return f"mount --bind {shlex.quote(str(source))} {shlex.quote(str(target))}"
