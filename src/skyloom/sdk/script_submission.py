"""Submitting a script alone: a graph of one node, or of one and its children."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.core.identity import RunId
from skyloom.core.problem import ProblemError
from skyloom.core.run import RunOptions
from skyloom.core.task import Limits
from skyloom.core.workspace_api import Submission
from skyloom.sdk.compile import compile_steps
from skyloom.sdk.exceptions import from_problem
from skyloom.sdk.labels import run_notes
from skyloom.sdk.pipeline import DEFAULT_ENVIRONMENT
from skyloom.sdk.run_lookup import ScriptRun
from skyloom.sdk.snapshot_memory import memory_home
from skyloom.sdk.step_faults import refuse_faults
from skyloom.sdk.step_sources import StepSources
from skyloom.sdk.steps.python_script import SourceStep

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment


def submit_script(
    experiment: Experiment,
    step: SourceStep,
    children: Sequence[SourceStep] = (),
    run: str | None = None,
    display_name: str | None = None,
    timeout_s: float | None = None,
    kind: type[ScriptRun] = ScriptRun,
    properties: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> Any:
    """Take a snapshot, send it, start a run.

    Parameters
    ----------
    run
        An id that was given out before.
    kind
        The class of run that is given back.

    Raises
    ------
    UserErrorException
        It cannot run; every reason is told.
    """
    refuse_faults([step, *children])
    workspace = experiment.workspace
    home = memory_home(workspace._api)
    sources = StepSources(lambda one: one.source_directory or ".", workspace._api, {}, home)
    store = workspace.get_default_datastore().name
    compiled = compile_steps([step, *children], sources.digest, store, sources.named)
    for definition in compiled.definitions:
        workspace._api.define_dataset(definition)
    for package in compiled.dropped.get(step.name, ()):
        print(f"  '{package}' is not installed: Skyloom brings its own names of the SDK")
    options = RunOptions(
        environment=os.environ.get(DEFAULT_ENVIRONMENT) or None, limits=Limits(timeout_s=timeout_s)
    )
    submission = Submission(
        compiled.document(step.name),
        experiment.name,
        options=options,
        origin="sdk",
        notes=run_notes(tags, display_name, properties),
        run=RunId(run) if run else None,
    )
    try:
        return kind(experiment, workspace._api.submit(submission))
    except ProblemError as error:
        raise from_problem(error) from error
