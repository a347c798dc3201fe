"""What is printed while one waits for a run: lines that people and build servers look for (sdk.md 17)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from skyloom.core.identity import SCRIPT_NODE, NodeId, step_run_id
from skyloom.core.run import NodeRun
from skyloom.core.run import Run as CoreRun
from skyloom.core.state import is_terminal
from skyloom.sdk.run_files import OLD_DRIVER_LOG
from skyloom.sdk.run_status import PIPELINE_WORDS, STEP_WORDS

if TYPE_CHECKING:
    from skyloom.sdk.run import Run

_TICK_S = 1.0  # how long one look waits for news; a log that grows is shown as often


class RunConsole:
    """Follows one run, or one step of it, to its end."""

    def __init__(self, run: Run, show: bool) -> None:
        self._run = run
        self._show = show
        self._seen = 0
        self._said: dict[NodeId | None, str] = {}
        self._offsets: dict[tuple[NodeId, str], int] = {}
        self._summed: set[NodeId] = set()

    def follow(self, timeout_s: float | None) -> None:
        """Blocking; a time that is over is only told (sdk.md 13)."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        kind = {None: "PipelineRun", SCRIPT_NODE: "Run"}.get(self._run._node, "StepRun")
        self._say(f"{kind}Id: {self._run.id}")
        self._say(f"Link to Azure Machine Learning Portal: {self._run.get_portal_url()}")
        while True:
            now = self._run._core()
            self._tell(now)
            if self._is_over(now):
                return
            left = _TICK_S if until is None else min(_TICK_S, until - time.monotonic())
            if left <= 0:
                print("Timed out waiting for the run; it goes on.")
                return
            events = self._run._api.events(self._run._run_id, self._seen, left)
            self._seen = events[-1].sequence if events else self._seen

    def _is_over(self, now: CoreRun) -> bool:
        if self._run._is_whole:
            return is_terminal(now.state)
        return is_terminal(self._run._node_of(now).state)

    def _tell(self, now: CoreRun) -> None:
        if not self._show:
            return
        if self._run._node is None and not is_terminal(now.state):
            self._tell_status(None, f"PipelineRun Status: {PIPELINE_WORDS[now.state]}")
        for node in now.nodes:
            if self._run._node in (None, node.node):
                self._tell_step(node)
        if self._run._node is None and is_terminal(now.state):
            self._sum_up("PipelineRun Execution Summary", f"PipelineRun Status: {PIPELINE_WORDS[now.state]}")
            self._say(json.dumps(self._run.get_details(), indent=1, default=str))

    def _tell_step(self, node: NodeRun) -> None:
        word = STEP_WORDS[node.state]
        if word in ("NotStarted", "Bypassed") or node.node in self._summed:
            return
        name = self._run._title(node.node)
        if node.node not in self._said:
            self._say("")
            self._say(f"StepRunId: {step_run_id(node.run, node.node)}")
        self._tell_status(node.node, f"StepRun( {name} ) Status: {word}")
        if word != "Queued" and node.reused_from is None:
            self._stream(node)
        if is_terminal(node.state):
            self._summed.add(node.node)
            self._sum_up(f"StepRun({name}) Execution Summary", f"StepRun( {name} ) Status: {word}")
            self._say(f"Reused: {node.reuse}" if node.reused_from else f"Not reused: {node.reuse}")
            for notice in node.notices:
                self._say(f"Warning: {notice}")
            if node.problem is not None:
                self._say(str(node.problem))
            self._say("")

    def _stream(self, node: NodeRun) -> None:
        for stream in ("stdout", "stderr"):
            key = node.node, stream
            piece = self._run._api.log(node.run, node.node, stream, self._offsets.get(key, 0))
            if piece and not any(kept == node.node for kept, _ in self._offsets):
                self._say(f"\nStreaming {OLD_DRIVER_LOG}\n{'=' * len('Streaming ' + OLD_DRIVER_LOG)}")
            if piece:
                self._offsets[key] = self._offsets.get(key, 0) + len(piece)
                print(piece.decode("utf-8", "replace"), end="", flush=True)

    def _tell_status(self, node: NodeId | None, line: str) -> None:
        if self._said.get(node) != line:
            self._said[node] = line
            self._say(line)

    def _sum_up(self, title: str, status: str) -> None:
        self._say(f"\n{title}\n{'=' * len(title)}\n{status}")

    def _say(self, line: str) -> None:
        if self._show:
            print(line, flush=True)
