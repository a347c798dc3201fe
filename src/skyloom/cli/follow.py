"""Follow: watch a run until it ends, tell what happens, cancel it on Ctrl-C."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from skyloom.cli import interrupts
from skyloom.cli.escaping import visible
from skyloom.client.http import HttpWorkspace
from skyloom.core.event import RunEvent
from skyloom.core.identity import RunId
from skyloom.core.run import NodeRun
from skyloom.core.state import State, is_terminal

CONSOLE_WAIT_S = 0.1  # between looks at a console that is shown as it comes
QUIET_WAIT_S = 30.0
STREAMS = ("environment", "stderr", "stdout")  # the first two go to stderr


@dataclass(frozen=True)
class End:
    """How a run ended for the command that watched it."""

    state: State
    interrupted: bool = False


class Watcher:
    """What a command wants to hear while a run goes on."""

    wait_s = QUIET_WAIT_S

    def on_event(self, event: RunEvent) -> None:
        """Something was recorded."""

    def on_look(self) -> None:
        """Called after every look at the events, and once after the last."""


def follow(api: HttpWorkspace, run: RunId, watcher: Watcher, on_cancel: Callable[[], None]) -> End:
    """Wait for the end of the run. Ctrl-C cancels it and waits for that; a second one gives up."""
    place = _Place()
    try:
        return End(_to_end(api, run, watcher, place))
    except KeyboardInterrupt:
        interrupts.take()
        on_cancel()
        api.cancel(run)
        return End(_to_end(api, run, watcher, place), interrupted=True)


@dataclass
class _Place:
    """The last event that was seen."""

    sequence: int = 0


def _to_end(api: HttpWorkspace, run: RunId, watcher: Watcher, place: _Place) -> State:
    while True:
        if interrupts.take():
            raise KeyboardInterrupt
        for event in api.events(run, place.sequence, watcher.wait_s):
            place.sequence = event.sequence
            watcher.on_event(event)
            if event.node is None and event.kind == "state" and is_terminal(State(str(event.body["state"]))):
                watcher.on_look()
                return State(str(event.body["state"]))
        watcher.on_look()


class ConsoleWatcher(Watcher):
    """Brings the console of one node to this terminal as it comes."""

    wait_s = CONSOLE_WAIT_S

    def __init__(self, api: HttpWorkspace, run: RunId, node: str) -> None:
        self._pipes = [_Pipe(api, run, node, stream) for stream in STREAMS]

    def on_look(self) -> None:
        for pipe in self._pipes:
            pipe.pump()


class _Pipe:
    """One stream of a node: bytes as they are into files, escaped onto a terminal."""

    def __init__(self, api: HttpWorkspace, run: RunId, node: str, stream: str) -> None:
        self._api = api
        self._source = (run, node, stream)
        self._offset = 0
        self._out = sys.stdout if stream == "stdout" else sys.stderr
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def pump(self) -> None:
        while content := self._api.log(*self._source, self._offset):
            self._offset += len(content)
            write_console(self._out, content, self._decoder)


def write_console(out: TextIO, content: bytes, decoder: codecs.IncrementalDecoder) -> None:
    """Bytes of a script's console onto a terminal or into a file."""
    binary: BinaryIO | None = getattr(out, "buffer", None)
    if out.isatty() or binary is None:
        out.write(visible(decoder.decode(content)))
    else:
        out.flush()
        binary.write(content)
    out.flush()


def seconds_of(node: NodeRun) -> float | None:
    """How long a node took, if that is known."""
    total = node.timings_ms.get("total")
    return None if total is None else total / 1000
