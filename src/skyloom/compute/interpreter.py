"""Interpreter: a Python ready to run user code."""

from __future__ import annotations

from dataclasses import dataclass, field

from skyloom.core.identity import Digest


@dataclass(frozen=True)
class Interpreter:
    """A ready interpreter with its packages.

    Parameters
    ----------
    name
        What people call the environment, for messages and logs.
    digest
        Digest of what is installed; equal digests share one zygote.
    path
        Absolute path of the ``python`` program. A link into a virtual environment is kept as it is, because
        the environment is found by the link's own folder.
    version
        "3.11.7".
    compatibility
        Whether scripts get the old-pandas helpers when the task does not say.
    folders
        Set for an interpreter too old for a zygote of its own: what a box must show besides.
    notices
        What gave way when it was built: another Python, other versions, another place to have packages from.
    """

    name: str
    digest: Digest
    path: str
    version: str
    compatibility: bool = False
    folders: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_legacy(self) -> bool:
        """Whether it is started inside a box of another Python."""
        return bool(self.folders)
