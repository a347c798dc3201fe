"""A language server in a box: what helps an editor reads files and parses hostile text, as scripts do.

The user process of a box becomes the program (zygote.py, kind "program"), with a socket as its standard
input and output; what it writes to standard error is dropped. It sees the environment's packages, the files
of the bundle and nothing else, has no network, and ends with its box.
Source: stack.md 3.9 (choice and figures), reliability.md 1 (a language server reads files).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from skyloom.compute import bundle, wire
from skyloom.compute.box import Box
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.language_program import PROGRAM, find_language_server
from skyloom.compute.local import LocalCompute
from skyloom.compute.sandbox import levels
from skyloom.compute.watch import Exceeded, Watch
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Limits

ARGUMENTS = ("server",)
SETTINGS_FILE = "ty.toml"
MEMORY_BYTES = 1024**3  # pandas takes 110 MiB of it, mostly the program's own file
PROCESSES = 64  # threads count
DISK_BYTES = 64 * 1024**2 + bundle.MOST_BYTES


class LanguageServer:
    """One that has been started. ``line`` is its standard input and output, and the caller's to read."""

    def __init__(
        self, box: Box, line: socket.socket, compatibility: bool, give_back: Callable[[Box], None]
    ) -> None:
        self.line = line
        self.compatibility = compatibility  # whether old spellings run, whatever the server says of them
        self.folder = box.inner_work  # as the server sees it
        self._box = box
        self._give_back = give_back
        self._watch = Watch(box, Limits(memory_bytes=MEMORY_BYTES, disk_bytes=DISK_BYTES), ())

    def exceeded(self) -> Exceeded | None:
        """A limit that it has passed; to be asked now and then, for nothing else watches it."""
        return self._watch.look()

    def end(self) -> None:
        """End it and everything in its box; safe to call again."""
        self.line.close()
        self._give_back(self._box)


def start_language_server(
    compute: LocalCompute, interpreter: Interpreter, archive: str | None, isolation: str | None = None
) -> LanguageServer:
    """Start one for an interpreter's packages; blocking, some milliseconds.

    Parameters
    ----------
    archive
        Path of the zip at the port Script Bundle.

    Raises
    ------
    ProblemError
        C160 it is not installed, C161 it cannot be started, C010 the bundle is refused, C001 to C004.
    """
    program = find_language_server()
    if not program:
        raise ProblemError(
            Problem(
                "C160",
                "No language server is installed, so the editor completes columns alone.",
                PROGRAM,
                "Install the package 'ty' beside Skyloom and start the agent again.",
            )
        )
    box = compute.take_box(interpreter, isolation)
    try:
        line = _begin(box, interpreter, program, archive)
        return LanguageServer(box, line, interpreter.compatibility, compute.give_back)
    except (wire.ClosedError, OSError, ValueError) as error:
        compute.give_back(box)
        what = f"The language server could not be started: {type(error).__name__}: {error}."
        raise ProblemError(
            Problem("C161", what, program, "Close the editor and open it again; 'skyloom doctor' tells more.")
        ) from error
    except BaseException:
        compute.give_back(box)
        raise


def _begin(box: Box, interpreter: Interpreter, program: str, archive: str | None) -> socket.socket:
    folders = ["."]
    if archive is not None:
        with open(archive, "rb") as content:
            bundle.extract_bundle(content, os.path.join(box.work, bundle.FOLDER))
        folders.append(f"./{bundle.FOLDER}")
    settings = Path(box.work) / SETTINGS_FILE
    settings.write_text(_settings(interpreter, folders), encoding="utf-8")
    settings.chmod(0o644)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        message: dict[str, Json] = {
            "entry": {"kind": "program", "argv": [program, *ARGUMENTS]},
            "limits": _own_limits(box),
            "work": box.inner_work,
        }
        box.limit(MEMORY_BYTES, PROCESSES)
        box.hand_over(message, [theirs.fileno()])
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return ours


def _own_limits(box: Box) -> dict[str, Json]:
    own: dict[str, Json] = {"disk_bytes": DISK_BYTES}
    if box.uid is not None or levels.has_namespaces(box.level):
        own["processes"] = PROCESSES
    if box.group is None:
        own["data_bytes"] = MEMORY_BYTES
    return own


def _settings(interpreter: Interpreter, folders: list[str]) -> str:
    """Where packages and the bundle's modules are found; what scripts of the old product do is no fault.

    ``dataframe2 = None`` stands in nearly every script, though the page says that it is a DataFrame.
    """

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return "\n".join(
        (
            "[environment]",
            f"python = {quoted(interpreter.path)}",
            f"root = [{', '.join(quoted(folder) for folder in folders)}]",
            "[rules]",
            'invalid-parameter-default = "ignore"',
            "",
        )
    )
