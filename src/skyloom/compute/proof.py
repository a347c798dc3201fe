"""Which isolation this machine offers, found by trying: a box of each level tries to break out.

Source: reliability.md 1.4: "the server picks the best level at start by really trying it".
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from skyloom.compute import wire
from skyloom.compute.box import Box
from skyloom.compute.instance import Instance
from skyloom.compute.sandbox import canaries, cgroups, levels
from skyloom.compute.zygote_process import ZygoteProcess
from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError

_MOST_REPLY_BYTES = 1 << 16
_ANSWER_WITHIN_S = 30.0


@dataclass(frozen=True)
class LevelReport:
    """One level: proven, or why not. ``attempts`` maps what was tried to "" (refused) or "succeeded"."""

    level: str
    is_proven: bool
    why_not: str = ""
    attempts: Mapping[str, str] | None = None


def prove(
    level: str, zygote: ZygoteProcess, instance: Instance, groups: cgroups.Groups | None
) -> LevelReport:
    """Make a box of this level and let it try to break out.

    Level "none" proves nothing and is reported with what it lets through.
    """
    try:
        box = Box(zygote, level, instance, groups)
    except ProblemError as error:
        return LevelReport(level, False, error.problem.message)
    try:
        box.wait_ready()
        attempts = _try_to_break_out(box, instance)
    except (ProblemError, wire.ClosedError, OSError, ValueError, KeyError, TypeError) as error:
        what = (
            error.problem.message if isinstance(error, ProblemError) else f"{type(error).__name__}: {error}"
        )
        return LevelReport(level, False, what)
    finally:
        box.kill()
        box.clean()
    open_doors = [name for name in canaries.ALL if attempts.get(name) != ""]
    if open_doors and level != levels.NONE:
        return LevelReport(level, False, "a box of this level could " + ", ".join(open_doors), attempts)
    return LevelReport(level, True, "", attempts)


def _try_to_break_out(box: Box, instance: Instance) -> dict[str, str]:
    canary = os.path.join(instance.folder, "canary")
    with open(canary, "w") as file:
        file.write("CANARY")
    os.chmod(canary, 0o644)
    outside = os.path.join(instance.folder, "outside")
    os.makedirs(outside, exist_ok=True)
    os.chmod(outside, 0o777)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        values: dict[str, Json] = {
            "file": canary,
            "folder": outside,
            "port": listener.getsockname()[1],
            "agent": os.getpid(),
        }
        message: dict[str, Json] = {
            "entry": {"kind": "canaries"},
            "values": values,
            "limits": {"processes": 64},
        }
        box.limit(None, 64)
        box.hand_over(message, ())
        box.task.settimeout(_ANSWER_WITHIN_S)
        answer, _ = wire.receive(box.task, _MOST_REPLY_BYTES)
    return {str(name): str(result) for name, result in answer["metrics"]}
