"""Room on the disk: new work is refused while some is left, and ballast lets the last writes through."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from skyloom.core.problem import Problem, ProblemError

LEAST_FREE_BYTES = 500_000_000
LEAST_FREE_SHARE = 0.02
BALLAST_BYTES = 64 * 1024**2
_SMALLEST_BALLAST_BYTES = 1024**2


class DiskRoom:
    """The disk that one folder lies on. Source: reliability.md 3.3, row 5."""

    def __init__(
        self, folder: Path, least_free_bytes: int = LEAST_FREE_BYTES, ballast_bytes: int = BALLAST_BYTES
    ) -> None:
        self._folder = folder
        self._least_free_bytes = least_free_bytes
        self._ballast_bytes = ballast_bytes
        self._ballast = folder / "ballast"
        self._is_ballast_gone = not self._ballast.exists()
        self._lay_ballast()

    def require(self) -> None:
        """Refuse new work while the disk is nearly full.

        Raises
        ------
        ProblemError
            R010.
        """
        free, least = self._free_and_least()
        if free < least:
            raise ProblemError(
                Problem(
                    "R010",
                    f"The disk of the workspace has {_mb(free)} left; new runs need at least {_mb(least)}.",
                    str(self._folder),
                    "Make room on that disk and submit again; nothing has to be restarted.",
                )
            )
        if self._is_ballast_gone:
            self._lay_ballast()

    def drop_ballast(self) -> bool:
        """Whether there was ballast; its room is free now for what must still be written."""
        try:
            self._ballast.unlink()
        except OSError:
            return False
        self._is_ballast_gone = True
        return True

    def _lay_ballast(self) -> None:
        free, least = self._free_and_least()
        size = min(self._ballast_bytes, free // 4)
        if not self._is_ballast_gone or free - size < least or size < _SMALLEST_BALLAST_BYTES:
            return
        with contextlib.suppress(OSError), open(self._ballast, "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, size)
            self._is_ballast_gone = False

    def _free_and_least(self) -> tuple[int, int]:
        disk = os.statvfs(self._folder)
        free, whole = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        return free, min(self._least_free_bytes, int(whole * LEAST_FREE_SHARE))


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"
