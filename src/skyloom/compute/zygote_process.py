"""The agent's handle of one zygote: starts it, asks it for boxes, ends it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

import skyloom
from skyloom.compute import wire
from skyloom.compute.instance import MARK, Instance
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.language_program import find_language_server
from skyloom.compute.sandbox import levels, namespaces
from skyloom.compute.zygote import ONE_THREAD
from skyloom.core.environment import CURRENT
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

_READY_WITHIN_S = 120.0  # a cold disk reads pandas slowly
_MOST_REPLY_BYTES = 1 << 20

# Registers our package by its path: nothing else of the agent's packages is seen by the environment. -S keeps
# the environment's own start-up files from running before the zygote is in its house.
_BOOTSTRAP = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "skyloom", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
module = sys.modules["skyloom"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from skyloom.compute.zygote import main
main(int(sys.argv[2]))
"""


class ZygoteProcess:
    """One zygote. Requests are made one at a time; any thread may make them."""

    def __init__(
        self, interpreter: Interpreter, level: str, instance: Instance, is_lean: bool = False
    ) -> None:
        self.interpreter = interpreter
        self.level = level
        self._is_lean = is_lean and not interpreter.is_legacy
        self._instance = instance
        self._asking = threading.Lock()
        self._log = os.path.join(
            instance.folder,
            f"zygote-{interpreter.name}-{level}{'-lean' if is_lean else ''}.log".replace("/", "-"),
        )
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._control.settimeout(_READY_WITHIN_S)
        try:
            with theirs, open(self._log, "ab") as log:
                self._process = self._start(theirs, log.fileno())
            self.work = self._settle()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended_within(self, timeout_s: float) -> bool:
        """Whether the process is gone, now or after so long."""
        try:
            self._process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def fork_box(self, request: Mapping[str, Json], descriptors: Sequence[int]) -> int:
        """Ask for a keeper process.

        Returns
        -------
        int
            A process descriptor of the keeper.

        Raises
        ------
        ProblemError
            C003 the zygote cannot fork or is gone.
        """
        with self._asking:
            reply, watches = self._ask({"want": "box", **request}, descriptors)
        if len(watches) != 1:
            raise ProblemError(self._problem(str(reply.get("problem"))))
        return watches[0]

    def import_late(self) -> None:
        """Let the zygote import what is useful but slow; boxes forked later have it."""
        with self._asking:
            self._ask({"want": "late imports"}, ())

    def close(self) -> None:
        """End the zygote; boxes that have namespaces end with it."""
        self._control.close()
        process = getattr(self, "_process", None)
        if process is None:
            return
        try:
            process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self, theirs: socket.socket, log: int) -> subprocess.Popen[bytes]:
        package = os.path.dirname(os.path.abspath(skyloom.__file__))
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/nonexistent",
            "MPLBACKEND": "Agg",
            MARK: self._instance.id,
            **dict.fromkeys(ONE_THREAD, "1"),
        }
        try:
            python = sys.executable if self.interpreter.is_legacy else self.interpreter.path
            return subprocess.Popen(
                [python, "-I", "-S", "-c", _BOOTSTRAP, package, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment,
                pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ProblemError(self._problem(str(error))) from error

    def _settle(self) -> str:
        """Send the settings, give the identities, wait until it is warm."""
        uids = self._instance.uids
        settings: dict[str, Json] = {
            "level": self.level,
            "is_lean": self._is_lean,
            "warmings": _warmings(self.interpreter),
            "folders": [*self.interpreter.folders, *filter(None, [find_language_server()])],
            "old_python": self.interpreter.path if self.interpreter.is_legacy else "",
            "package": os.path.dirname(os.path.abspath(skyloom.__file__)),
            "boxes": self._instance.boxes,
            "cache": self._cache(),
            "uid": uids.first if uids else None,
        }
        reply, _ = self._ask(settings, ())
        if reply.get("map") and uids:
            namespaces.map_identities(self.pid, uids.first, uids.count)
            reply, _ = self._ask({}, ())
        if reply.get("problem") is not None:
            raise ProblemError(self._problem(str(reply["problem"])))
        return str(reply["work"])

    def _cache(self) -> str:
        """Folder where matplotlib keeps what it knows of the fonts, for this interpreter."""
        folder = os.path.join(
            self._instance.cache, self.interpreter.digest.rpartition(":")[2][:16] or "unnamed"
        )
        if not levels.has_namespaces(self.level):
            folder += "-plain"
        os.makedirs(folder, exist_ok=True)
        if self._instance.uids and levels.has_namespaces(self.level):
            os.chown(folder, self._instance.uids.first, self._instance.uids.first)
        return folder

    def _ask(
        self, request: Mapping[str, Json], descriptors: Sequence[int]
    ) -> tuple[dict[str, object], list[int]]:
        try:
            wire.send(self._control, request, descriptors)
            reply, received = wire.receive(self._control, _MOST_REPLY_BYTES)
        except (wire.ClosedError, OSError, ValueError) as error:
            raise ProblemError(
                self._problem(f"it ended or does not answer ({type(error).__name__})")
            ) from error
        return (reply if isinstance(reply, dict) else {}), received

    def _problem(self, what: str) -> Problem:
        said = self._last_words()
        return Problem(
            "C003",
            f"The Python of environment {self.interpreter.name!r} cannot be made ready for boxes: {what}."
            + (f" It said: {said}" if said else ""),
            self.interpreter.path,
            "Run `skyloom doctor`; build the environment again if its packages are damaged.",
        )

    def _last_words(self) -> str:
        with contextlib.suppress(OSError), open(self._log, "rb") as file:
            file.seek(max(0, os.path.getsize(self._log) - 2000))
            return file.read().decode("utf-8", "replace").strip()
        return ""


def _warmings(interpreter: Interpreter) -> list[Json]:
    """What a zygote calls before it forks, so that no box pays for it: ``package.file:function``."""
    wanted: list[Json] = []
    if interpreter.compatibility:
        wanted.append("skyloom.runner.compatibility.install:prepare")
    if interpreter.name == CURRENT:
        wanted.append("skyloom.modules.warming:load_all")
    return wanted
