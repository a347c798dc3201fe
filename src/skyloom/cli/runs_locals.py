"""Values of variables where a script failed, for ``skyloom runs show --locals``."""

from __future__ import annotations

import json
from typing import Any

from skyloom.cli.terminal import Paint, Terminal
from skyloom.client.http import HttpWorkspace
from skyloom.core.run import NodeRun


def show_locals(terminal: Terminal, api: HttpWorkspace, node: NodeRun) -> None:
    """Frame by frame, as the traceback has them; nothing for a node that kept none."""
    kept = next((one for one in node.others if one.role == "locals"), None)
    if kept is None:
        return
    with open(api.download(kept, "raw"), encoding="utf-8") as file:
        told: dict[str, Any] = json.load(file)
    for place, error in enumerate(told["errors"]):
        cause = "caused by " if place else ""
        terminal.line(f"{node.node}: values where it failed, {cause}", Paint(error["error"], "red"))
        for frame in error["frames"]:
            terminal.line(f"  {frame['file']}:{frame['line']} in {frame['function']}")
            for name, kind, text in frame["locals"]:
                first, *more = text.split("\n")
                terminal.line(f"    {name}: ", Paint(kind, "dim"), f" = {first}")
                for line in more:
                    terminal.line(f"      {line}")
            if frame["left_out"]:
                terminal.line(f"    ({frame['left_out']} more)")
