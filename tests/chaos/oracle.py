"""Oracle: what must be true of every promise, whatever was killed (reliability.md 3.2)."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from skyloom.client.http import HttpWorkspace
from skyloom.core.event import RunEvent
from skyloom.core.identity import Digest, RunId
from skyloom.core.problem import ProblemError
from skyloom.core.run import NodeRun, Run, fold_states
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Reason
from skyloom.data.table_file import open_table
from skyloom.data.to_frame import series_from_column
from skyloom.engine.schedule import MOST_ATTEMPTS
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.shared_content import SharedContent
from tests.chaos.graphs import Story
from tests.chaos.load import Ledger, insist, wait_for_end

PAGE = 500


class Oracle:
    """Judges runs through the client, and artifacts by reading their files."""

    def __init__(
        self, api: HttpWorkspace, home: Path, ledger: Ledger, shared: SharedContent | None = None
    ) -> None:
        self._api = api
        self._artifacts = ArtifactsFolder(home / "artifacts", shared)
        self._ledger = ledger
        self._judged: set[RunId] = set()
        self._verified: set[Digest] = set()

    def judge_ended(self) -> list[str]:
        """Faults of promised runs that have ended since the last call, and promised runs that are gone."""
        faults = []
        for _, story, run in self._ledger.promises():
            if run not in self._judged:
                found = self._load(run)
                if found is None:
                    faults.append(f"run {run} was promised and is lost")
                elif is_terminal(found.state):
                    self._judged.add(run)
                    faults += self._faults_of(found, story)
        return faults + self._reported()

    def judge_all(self) -> list[str]:
        """Everything, once nothing is submitted any more; waits until every run has ended."""
        faults = []
        for _, _, run in self._ledger.promises():
            if run not in self._judged and not wait_for_end(self._api, run, threading.Event()):
                faults.append(f"run {run} does not end: {self._describe(run)}")
        return faults + self.judge_ended() + self._doubled() + self._unasked()

    def files_named(self) -> set[Path]:
        """Files of the store that a promised run or a dataset names, or a table of theirs."""
        artifacts = [dataset.artifact for dataset in self._api.datasets()]
        for _, _, run in self._ledger.promises():
            for node in self._api.run(run).nodes:
                artifacts += [*node.outputs.values(), *node.others]
        found: set[Path] = set()
        for artifact in artifacts:
            staged = self._artifacts.stage(artifact)
            found |= {Path(staged.path), *map(Path, staged.files.values())}
        return found

    @property
    def judged(self) -> int:
        return len(self._judged)

    def _faults_of(self, run: Run, story: Story) -> list[str]:
        events = all_events(self._api, run.id)
        faults = [f"run {run.id}: {fault}" for fault in story_faults(run, events)]
        faults += [
            f"run {run.id}: {fault}"
            for node in run.nodes
            for fault in (*_ending_faults(run, node, story), *self._artifact_faults(node))
        ]
        if run.state is State.COMPLETED and not faults:
            result = self._result(run, story)
            if result != story.result:
                faults.append(f"run {run.id}: the result is {result}, not {story.result}")
        return faults

    def _artifact_faults(self, node: NodeRun) -> Iterator[str]:
        if node.state is State.COMPLETED and not node.outputs:
            yield f"{node.node} completed without outputs"
        for artifact in (*node.outputs.values(), *node.others):
            if artifact.digest not in self._verified:
                self._artifacts.stage(artifact)
                damage = self._artifacts.verify(artifact.digest)
                if damage is not None:
                    yield f"{node.node}: {damage}"
                self._verified.add(artifact.digest)

    def _result(self, run: Run, story: Story) -> object:
        node = run.node(story.last)
        assert node is not None
        staged = self._artifacts.stage(next(iter(node.outputs.values())))
        table = open_table(staged.path, staged.files)
        return series_from_column(table.columns[0]).iloc[0]

    def _load(self, run: RunId) -> Run | None:
        try:
            return insist(partial(self._api.run, run))
        except ProblemError as error:
            if error.problem.code == "R001":
                return None
            raise

    def _doubled(self) -> list[str]:
        """A key stands for one run, also when it is used once more, and for one run in the list."""
        faults = []
        for key, story, run in self._ledger.promises():
            again = insist(partial(self._api.submit, story.submission(key)))
            listed = insist(partial(self._api.runs, experiment=key))
            if again != run or [one.id for one in listed] != [run]:
                faults.append(f"key {key}: run {run}, again {again}, listed {[one.id for one in listed]}")
        return faults

    def _unasked(self) -> list[str]:
        """Runs in the list that nobody asked for; and of those that nobody was promised, each ends too."""
        faults = []
        before: RunId | None = None
        while page := insist(partial(self._api.runs, PAGE, before)):
            for one in page:
                if one.experiment not in self._ledger.offered:
                    faults.append(f"run {one.id} of '{one.experiment}' was never asked for")
                elif not is_terminal(one.state):
                    faults.append(f"run {one.id} of '{one.experiment}' is {one.state}")
            before = page[-1].id
        return faults

    def _reported(self) -> list[str]:
        with self._ledger.lock:
            faults, self._ledger.faults[:] = list(self._ledger.faults), []
        return faults

    def _describe(self, run: RunId) -> str:
        found = self._load(run)
        return "gone" if found is None else ", ".join(f"{node.node} {node.state}" for node in found.nodes)


def all_events(api: HttpWorkspace, run: RunId) -> list[RunEvent]:
    events: list[RunEvent] = []
    while more := insist(partial(api.events, run, len(events))):
        events += more
    return events


def story_faults(run: Run, events: list[RunEvent]) -> Iterator[str]:
    """Event numbers without a gap, states as the events tell them, one end for everything."""
    try:
        told = fold_states(events)
    except ValueError as error:
        yield f"its events do not fold: {error}"
        return
    for name, state in ((None, run.state), *((node.node, node.state) for node in run.nodes)):
        if told.get(name, State.CREATED) is not state:
            yield f"{name or 'the run'} is recorded as {state}, its events say {told.get(name)}"
        ends = [
            event.body["state"]
            for event in events
            if event.kind == "state" and event.node == name and is_terminal(State(str(event.body["state"])))
        ]
        if len(ends) != (1 if is_terminal(state) else 0):
            yield f"{name or 'the run'} ended {len(ends)} times: {ends}"
    if events[0].kind != "submitted" or events[-1].kind != "state" or events[-1].node is not None:
        yield f"its story begins with {events[0].kind} and ends with {events[-1].kind} of {events[-1].node}"
    attempts = {node.node: 1 for node in run.nodes}
    for event in events:
        if event.kind == "attempt" and event.node is not None:
            attempts[event.node] += 1
    for node in run.nodes:
        if node.attempt != attempts[node.node]:
            yield f"{node.node} is at attempt {node.attempt}, its events tell of {attempts[node.node]}"


def _ending_faults(run: Run, node: NodeRun, story: Story) -> Iterator[str]:
    """A kill may only end what may not be repeated, or was ended very often, and skip what is behind that."""
    may_skip = any(one.state is State.FAILED and _may_fail(one, story) for one in run.nodes)
    match node.state:
        case State.COMPLETED:
            return
        case State.FAILED if _may_fail(node, story):
            return
        case State.SKIPPED if may_skip:
            return
        case State.CANCELED if run.cancel_requested:
            return
    yield f"{node.node} is {node.state}, {node.reason}: {node.problem}"


def _may_fail(node: NodeRun, story: Story) -> bool:
    """An agent that never lives long enough does not try for ever (engine/schedule.py)."""
    is_given_up = node.reason == Reason.INTERRUPTED and node.attempt >= MOST_ATTEMPTS
    return node.reason in story.may_fail or is_given_up


def integrity_faults(home: Path) -> list[str]:
    """What SQLite itself finds wrong with the records; asked when no agent lives."""
    connection = sqlite3.connect(home / "records.sqlite")
    try:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        said += [f"foreign key {row}" for row in connection.execute("PRAGMA foreign_key_check")]
    finally:
        connection.close()
    return [f"records: {line}" for line in said if line != "ok"]


def store_files(home: Path) -> list[Path]:
    """Every file in the store that is not put aside as damaged."""
    return [
        path for path in (home / "artifacts").glob("*/*") if path.is_file() and path.parent.name != "damaged"
    ]


def make_old(home: Path) -> None:
    """As if everything in the store had been written long ago."""
    for path in store_files(home):
        os.utime(path, (1, 1))


def sweep_faults(home: Path, known: set[Path]) -> list[str]:
    """Old files that nothing names, an agent's start later."""
    return [f"{path} was not swept" for path in store_files(home) if path not in known]
