"""Every store in memory: what the others must do, in the fewest words. For tests and doctests."""

from __future__ import annotations

import copy
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.dataset import Dataset
from skyloom.core.event import RunEvent
from skyloom.core.experiment import Experiment, ExperimentId
from skyloom.core.graph import Graph
from skyloom.core.identity import Digest, Json, NodeId, RunId, digest_of_bytes, step_run_id, time_of
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.run_notes import RunNotes
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Staged
from skyloom.engine.ports import Claim, Claimant, NodeChange, RunChange, StaleError, utc_now
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.stores.clock import Moment, host_moment
from skyloom.stores.idempotency import KEY_LIFE_S, refuse_other_content, submission_digest
from skyloom.stores.run_marks import Wanted, marks_of, marks_wanted
from skyloom.stores.run_story import (
    Line,
    attempt_before,
    digests_of,
    is_executed,
    story,
    submission_line,
    summary_metrics,
)


@dataclass
class _Kept:
    """A run and what is kept beside it."""

    run: Run
    nodes: dict[NodeId, NodeRun]
    events: list[RunEvent] = field(default_factory=list)
    metrics: dict[str, Json] = field(default_factory=dict)
    fence: int = 0
    holder: str | None = None
    lease_until: Moment = Moment("", 0.0)
    notes: RunNotes = RunNotes()


class MemoryRunRecords:
    """RunRecords in dictionaries, one lock around each method."""

    def __init__(
        self,
        datasets: MemoryDatasets | None = None,
        now: Callable[[], str] = utc_now,
        seconds: Callable[[], float] = time.time,
        moment: Callable[[], Moment] = host_moment,
        experiments: MemoryExperiments | None = None,
    ) -> None:
        self._datasets = datasets or MemoryDatasets()
        self._experiments = experiments or MemoryExperiments()
        self._now = now
        self._seconds = seconds
        self._moment = moment
        self._lock = threading.Lock()
        self._runs: dict[RunId, _Kept] = {}  # in order of submission
        self._graphs: dict[Digest, Graph] = {}
        self._keys: dict[str, tuple[RunId, Digest, float]] = {}
        self._used: set[Digest] = set()

    def create(self, run: Run, graph: Graph, idempotency_key: str | None = None) -> RunId:
        with self._lock:
            return self._create(run, graph, idempotency_key)

    def create_and_claim(
        self, run: Run, graph: Graph, idempotency_key: str | None, claimant: Claimant
    ) -> tuple[RunId, Claim | None]:
        with self._lock:
            known = len(self._runs)
            kept = self._create(run, graph, idempotency_key)
            return kept, self._claim(claimant) if len(self._runs) > known else None

    def _create(self, run: Run, graph: Graph, idempotency_key: str | None) -> RunId:
        if idempotency_key is not None:
            used_for, content, used_at = self._keys.get(idempotency_key, ("", "", float("-inf")))
            if used_at > self._seconds() - KEY_LIFE_S:
                refuse_other_content(idempotency_key, RunId(used_for), Digest(content), run)
                return RunId(used_for)
            self._keys[idempotency_key] = (run.id, submission_digest(run), self._seconds())
        self._graphs.setdefault(run.graph, graph)
        self._used.update(graph.snapshots())
        accepted = replace(run, state=State.CREATED, cancel_requested=False, ended_at=None)
        kept = self._runs[run.id] = _Kept(accepted, {node.node: node for node in run.nodes})
        self._tell(kept, [submission_line(run)])
        return run.id

    def delete(self, run: RunId) -> bool:
        with self._lock:
            kept = self._runs.get(run)
            if kept is None or not is_terminal(kept.run.state):
                return False
            del self._runs[run]
            self._keys = {key: value for key, value in self._keys.items() if value[0] != run}
            return True

    def load(self, run: RunId) -> Run | None:
        with self._lock:
            kept = self._runs.get(run)
            return None if kept is None else replace(kept.run, nodes=tuple(kept.nodes.values()))

    def graph(self, digest: Digest) -> Graph | None:
        return self._graphs.get(digest)

    def run_of_step(self, step: str) -> RunId | None:
        with self._lock:
            runs = [kept for id, kept in self._runs.items() if time_of(id) == time_of(step)]
            return next(
                (one.run.id for one in runs for node in one.nodes if step_run_id(one.run.id, node) == step),
                None,
            )

    def newest(
        self,
        limit: int,
        before: RunId | None = None,
        experiment: str | None = None,
        tags: Wanted | None = None,
        properties: Wanted | None = None,
    ) -> list[RunSummary]:
        marks = set(marks_wanted(tags or {}, properties or {}, experiment))
        with self._lock:
            ids = list(self._runs)
            if before is not None:
                ids = ids[: ids.index(before)] if before in self._runs else []
            kept = [self._runs[run] for run in reversed(ids)]
            return [
                _summary(one)
                for one in kept
                if experiment in (None, one.run.experiment)
                and marks <= marks_of(one.notes, one.run.experiment)
            ][:limit]

    def notes(self, run: RunId) -> RunNotes | None:
        with self._lock:
            return self._runs[run].notes if run in self._runs else None

    def annotate(self, run: RunId, notes: RunNotes) -> bool:
        with self._lock:
            if run in self._runs:
                self._runs[run].notes = notes
            return run in self._runs

    def events(self, run: RunId, after: int = 0, limit: int = 1000) -> list[RunEvent]:
        with self._lock:
            kept = self._runs.get(run)
            return [] if kept is None else kept.events[after : after + limit]

    def change(
        self,
        claim: Claim,
        changes: Sequence[NodeChange],
        run: RunChange | None = None,
        may_be_lost: bool = False,
    ) -> int:
        lines = story(claim, changes, run)
        with self._lock:
            kept = self._runs.get(claim.run)
            if kept is None or kept.fence != claim.fence or is_terminal(kept.run.state):
                raise StaleError(f"run {claim.run} is over or is driven by somebody else")
            if run is not None and kept.run.state is not run.expects:
                raise StaleError(f"run {claim.run} is {kept.run.state}, not {run.expects}")
            nodes = dict(kept.nodes)
            for change in changes:
                stored = nodes.get(change.now.node)
                if stored is None or (stored.state, stored.attempt) != (
                    change.expects,
                    attempt_before(change),
                ):
                    raise StaleError(f"{change.now.node} of run {claim.run} is not {change.expects}")
                nodes[change.now.node] = change.now
            kept.nodes = nodes
            kept.metrics |= summary_metrics(changes)
            self._used.update(digests_of(changes))
            self._tell(kept, lines)
            if run is not None:
                ended_at = self._now() if is_terminal(run.path[-1]) else None
                kept.run = replace(kept.run, state=run.path[-1], ended_at=ended_at)
            return len(kept.events) if lines else 0

    def request_cancel(self, run: RunId) -> bool:
        with self._lock:
            kept = self._runs.get(run)
            if kept is None or is_terminal(kept.run.state):
                return False
            if not kept.run.cancel_requested:
                kept.run = replace(kept.run, cancel_requested=True)
                self._tell(kept, [Line("cancel", None, {})])
            return True

    def reusable(self, fingerprint: Digest) -> NodeRun | None:
        with self._lock:
            return next(
                (
                    node
                    for kept in reversed(self._runs.values())
                    for node in kept.nodes.values()
                    if node.fingerprint == fingerprint and is_executed(node)
                ),
                None,
            )

    def earlier(self, experiment: str, node: NodeId, before: RunId) -> NodeRun | None:
        ids = [summary.id for summary in self.newest(len(self._runs), before, experiment)]
        with self._lock:
            found = (self._runs[run].nodes.get(node) for run in ids)
            return next((one for one in found if one is not None and one.state is State.COMPLETED), None)

    def claim(self, claimant: Claimant) -> Claim | None:
        with self._lock:
            return self._claim(claimant)

    def _claim(self, claimant: Claimant) -> Claim | None:
        now = self._moment()
        for run, kept in self._runs.items():
            is_held = (
                kept.holder is not None
                and kept.lease_until.epoch == now.epoch
                and kept.lease_until.seconds > now.seconds
            )
            if not is_held and not is_terminal(kept.run.state):
                kept.fence += 1
                kept.holder = claimant.agent
                kept.lease_until = Moment(now.epoch, now.seconds + claimant.lease_s)
                return Claim(run, kept.fence)
        return None

    def renew(self, claimant: Claimant, runs: Collection[RunId]) -> None:
        with self._lock:
            now = self._moment()
            for run, kept in self._runs.items():
                if kept.holder == claimant.agent and run in runs:
                    kept.lease_until = Moment(now.epoch, now.seconds + claimant.lease_s)

    def to_cancel(self, agent: str) -> list[RunId]:
        with self._lock:
            return [
                kept.run.id
                for kept in self._runs.values()
                if kept.holder == agent and kept.run.cancel_requested and not is_terminal(kept.run.state)
            ]

    def release(self, claim: Claim) -> None:
        with self._lock:
            kept = self._runs.get(claim.run)
            if kept is not None and kept.fence == claim.fence:
                kept.holder = None
                kept.fence += 1

    def artifacts_in_use(self) -> set[Digest]:
        with self._lock:
            return self._used | self._datasets.digests() | self._experiments.digests()

    def _tell(self, kept: _Kept, lines: list[Line]) -> None:
        at, last = self._now(), len(kept.events)
        kept.events += [
            RunEvent(kept.run.id, last + place, at, line.kind, line.node, copy.deepcopy(dict(line.body)))
            for place, line in enumerate(lines, start=1)
        ]


def _summary(kept: _Kept) -> RunSummary:
    run = kept.run
    return RunSummary(
        run.id,
        run.experiment,
        run.state,
        run.origin,
        run.created_at,
        run.ended_at,
        len(kept.nodes),
        run.cancel_requested,
        dict(kept.metrics),
        dict(kept.notes.tags),
        kept.notes.display_name,
    )


class MemoryDatasets:
    """Datasets in a dictionary of versions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[str, list[Dataset]] = {}  # oldest first
        self._last: dict[str, int] = {}  # kept after deletion: a version never means two contents

    def save(self, dataset: Dataset) -> Dataset:
        with self._lock:
            versions = self._versions.setdefault(dataset.name, [])
            if versions and versions[-1].artifact.digest == dataset.artifact.digest:
                return versions[-1]
            self._last[dataset.name] = self._last.get(dataset.name, 0) + 1
            versions.append(replace(dataset, version=self._last[dataset.name]))
            return versions[-1]

    def find(self, wanted: DatasetVersion) -> Dataset | None:
        return next(
            (kept for kept in self.versions(wanted.name) if wanted.version in (0, kept.version)), None
        )

    def all(self) -> list[Dataset]:
        with self._lock:
            return [versions[-1] for _, versions in sorted(self._versions.items()) if versions]

    def versions(self, name: str) -> list[Dataset]:
        with self._lock:
            return self._versions.get(name, [])[::-1]

    def delete(self, name: str, version: int = 0) -> int:
        with self._lock:
            before = self._versions.get(name, [])
            kept = [dataset for dataset in before if version not in (0, dataset.version)]
            self._versions[name] = kept
            return len(before) - len(kept)

    def digests(self) -> set[Digest]:
        with self._lock:
            return {one.artifact.digest for versions in self._versions.values() for one in versions}


class MemoryExperiments:
    """Experiments in a dictionary by id, in the order they were made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[ExperimentId, Experiment] = {}

    def add(self, experiment: Experiment) -> None:
        with self._lock:
            self._kept[experiment.id] = experiment

    def change(self, experiment: Experiment, etag: str) -> None:
        with self._lock:
            kept = self._kept.get(experiment.id)
            if kept is None or kept.etag != etag:
                raise StaleError(f"experiment {experiment.id} is gone or was changed meanwhile")
            self._kept[experiment.id] = experiment

    def find(self, experiment: ExperimentId) -> Experiment | None:
        return self._kept.get(experiment)

    def newest(self, limit: int = 100) -> list[Experiment]:
        found = sorted(self._newest()[::-1], key=lambda one: one.changed_at, reverse=True)
        return [replace(one, foreign=None) for one in found[:limit]]

    def named(self, name: str) -> list[Experiment]:
        return [one for one in self._newest() if one.name == name]

    def history(self, history: ExperimentId, limit: int = 1000) -> list[Experiment]:
        with self._lock:
            found = [one for one in self._kept.values() if one.history == history]
            return [replace(one, foreign=None) for one in found[::-1][:limit]]

    def twins(self, history: ExperimentId) -> list[Experiment]:
        return [one for one in self._newest() if one.twin == history]

    def delete(self, history: ExperimentId) -> int:
        with self._lock:
            before = len(self._kept)
            self._kept = {key: one for key, one in self._kept.items() if one.history != history}
            return before - len(self._kept)

    def digests(self) -> set[Digest]:
        with self._lock:
            return {digest for one in self._kept.values() for digest in one.content_in_use()}

    def _newest(self) -> list[Experiment]:
        with self._lock:
            last = {one.history: one.id for one in self._kept.values()}
            return [one for one in self._kept.values() if one.id == last[one.history]]


class MemoryArtifacts(ArtifactsFolder):
    """Artifacts need paths, so these lie in a folder that goes away with the object."""

    def __init__(self) -> None:
        folder = mkdtemp(prefix="skyloom-artifacts-")
        super().__init__(Path(folder))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


class MemorySources:
    """Sources that were prepared: the bytes to give for each path, address or query."""

    def __init__(self, content: Mapping[str, bytes] | None = None) -> None:
        self._content = dict(content or {})

    def fetch(self, spec: ModuleSpec, values: Mapping[str, Json], folder: str) -> Staged:
        place = next((str(values[name]) for name in ("Path", "URL", "SQL Query") if values.get(name)), "")
        if place not in self._content:
            raise ProblemError(Problem("D069", f"'{place}' was not prepared.", spec.name, "Prepare it."))
        path = Path(folder) / "fetched" / "content"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._content[place])
        return Staged("File", str(path), digest_of_bytes(self._content[place]), path.name)
