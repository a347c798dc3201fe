"""Versions: experiments as they are kept, what a name means, how a new one comes to be (studio.md 4.1)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from skyloom.core.experiment import Experiment, ExperimentId, new_experiment_id
from skyloom.core.graph import Graph
from skyloom.core.graph_problems import close_name
from skyloom.core.graph_view import GraphView
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.ports import ExperimentRecords, StaleError, utc_now
from skyloom.studio.refusals import save_problems


class Versions:
    """Drafts change in place under their etag; what was run stays, and is edited as a draft of it."""

    def __init__(self, records: ExperimentRecords, now: Callable[[], str] = utc_now) -> None:
        self.records = records
        self._now = now

    def find(self, reference: str) -> Experiment:
        """By id, or the newest version of the one experiment of that name.

        Raises
        ------
        ProblemError
            G205 there is none, G206 there are several.
        """
        found = self.records.find(ExperimentId(reference))
        if found is not None:
            return found
        named = self.records.named(reference)
        if len(named) > 1:
            ids = ", ".join(one.id for one in named)
            message = f"{len(named)} experiments are called '{reference}'."
            raise ProblemError(Problem("G206", message, reference, f"Give an id: {ids}."))
        if not named:
            names = [one.name for one in self.records.newest(1000)]
            hint = close_name(reference, names) or "'skyloom experiment list' shows all."
            raise ProblemError(Problem("G205", f"There is no experiment '{reference}'.", reference, hint))
        return named[0]

    def newest_id(self, history: ExperimentId) -> ExperimentId:
        return self.records.history(history, 1)[0].id

    def added(self, graph: Graph, view: GraphView, **more: Any) -> Experiment:
        """A new experiment, a draft with a history of its own.

        Raises
        ------
        ProblemError
            Why it may not be saved (refusals.py).
        """
        refuse(save_problems(graph, view))
        new, now = new_experiment_id(), self._now()
        made = Experiment(new, new, graph, view, etag=_new_etag(), created_at=now, changed_at=now, **more)
        self.records.add(made)
        return made

    def edited(self, version: Experiment, graph: Graph, view: GraphView, **more: Any) -> Experiment:
        """The draft with this content; nothing new where nothing differs.

        Raises
        ------
        ProblemError
            Why it may not be saved; G207 changed meanwhile, G208 not the newest version.
        """
        refuse(save_problems(graph, view))
        if (graph, view) == (version.graph, version.view):
            return version
        self.require_newest(version)
        if version.is_draft:
            return self.changed(version, replace(version, graph=graph, view=view, **more))
        draft = replace(self.draft_of(version), graph=graph, view=view, **more)
        self.records.add(draft)
        return draft

    def draft_of(self, version: Experiment) -> Experiment:
        """A version behind this one, still to be added."""
        now = self._now()
        return replace(
            version,
            id=new_experiment_id(),
            parent=version.id,
            run=None,
            etag=_new_etag(),
            created_at=now,
            changed_at=now,
        )

    def changed(self, before: Experiment, now: Experiment) -> Experiment:
        """``now`` in place of ``before``.

        Raises
        ------
        ProblemError
            G207: somebody else was first.
        """
        now = replace(now, etag=_new_etag(), changed_at=self._now())
        try:
            self.records.change(now, before.etag)
        except StaleError as error:
            raise _stale(before) from error
        return now

    def require_newest(self, version: Experiment) -> None:
        """G208 for an earlier version of its history."""
        newest = self.newest_id(version.history)
        if newest != version.id:
            raise ProblemError(
                Problem(
                    "G208",
                    f"This is an earlier version of '{version.name}'; '{newest}' is the one to edit and run.",
                    version.id,
                    "Use the newest version, or save this one under another name.",
                )
            )


def check_etag(version: Experiment, etag: str) -> None:
    """G207 where an etag is given and is not that of the version."""
    if etag and etag != version.etag:
        raise _stale(version)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise what there is, all of it."""
    faults = list(problems)
    if faults:
        raise ProblemError(faults)


def _stale(version: Experiment) -> ProblemError:
    return ProblemError(
        Problem(
            "G207",
            f"'{version.name}' was changed by somebody else meanwhile.",
            version.id,
            "Look at it anew, then edit.",
        )
    )


def _new_etag() -> str:
    return os.urandom(8).hex()
