"""Pipeline and StepSequence: steps put together, checked and submitted. Source: sdk.md 13."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skyloom.core.graph import Graph
from skyloom.core.problem import ProblemError
from skyloom.core.publication import Publication
from skyloom.core.run import RunOptions
from skyloom.core.workspace_api import Submission
from skyloom.sdk.compile import Compiled, collect_parameters, compile_steps
from skyloom.sdk.exceptions import from_problem
from skyloom.sdk.labels import run_notes
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.snapshot import Snapshot
from skyloom.sdk.snapshot_memory import memory_home
from skyloom.sdk.step_faults import refuse_faults, step_faults
from skyloom.sdk.step_sources import StepSources
from skyloom.sdk.steps.pipeline_step import PipelineStep
from skyloom.sdk.steps.python_script import SourceStep

if TYPE_CHECKING:
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.published_pipeline import PublishedPipeline
    from skyloom.sdk.workspace import Workspace

REUSE = "SKYLOOM_REUSE"  # place or content
DEFAULT_ENVIRONMENT = "SKYLOOM_ENVIRONMENT"  # of steps that ask for none; unset: studio


class StepSequence:
    """Steps one after the other; an element that is a list runs side by side."""

    def __init__(self, steps: Iterable[Any] | None = None) -> None:
        self.steps = list(steps or ())

    def __iter__(self) -> Any:
        return iter(self.steps)


class Pipeline:
    """A graph of steps.

    Parameters
    ----------
    steps
        Steps, PipelineData (its producer is meant), lists of these, StepSequence.
    resolve_closure
        Whether steps that others need are added.

    Raises
    ------
    ValueError
        A script is not there, or an argument is unknown.
    NotImplementedError
        Something else than a step stands among the steps.
    """

    is_submittable = True  # by Experiment.submit

    def __init__(
        self,
        workspace: Workspace,
        steps: Any,
        description: str | None = None,
        default_datastore: Any = None,
        default_source_directory: str | None = None,
        resolve_closure: bool = True,
        **kwargs: Any,
    ) -> None:
        unknown = sorted(
            set(kwargs) - {"enable_email_notification", "_workflow_provider", "_service_endpoint"}
        )
        if unknown:
            raise ValueError(f"Pipeline has no argument '{unknown[0]}'.")
        self.workspace = workspace
        self.description = description
        self._store = _store_name(workspace, default_datastore)
        self._source = default_source_directory
        self._experiment_name: str | None = None
        found: list[PipelineStep] = []
        _gather(steps, found, resolve_closure)
        self._steps = found
        self._parameters = collect_parameters(found)
        for step in found:
            if isinstance(step, SourceStep):
                step.settle(workspace)
                step.check_source(self._source_of(step))

    @property
    def steps(self) -> list[PipelineStep]:
        return list(self._steps)

    @property
    def graph(self) -> Graph:
        """The graph as it would be submitted now."""
        return self._compiled({}, None).graph

    def validate(self) -> list[str]:
        """Every reason why the pipeline cannot run, as text; nothing is sent but the graph."""
        try:
            compiled = self._compiled({}, None)
            faults = [
                *self.workspace._api.validate(compiled.document("validate")),
                *step_faults(self._steps),
            ]
        except ProblemError as error:
            return [str(problem) for problem in error.problems]
        except Exception:
            return [traceback.format_exc()]
        if not faults:
            for step in self._steps:
                print(f"Step {step.name} is ready to be created [{compiled.node_of[step]}]")
        return [str(problem) for problem in faults]

    def submit(
        self,
        experiment_name: str,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        parent_run_id: str | None = None,
        credential_passthrough: bool | None = None,
        display_name: str | None = None,
        reuse: str | None = None,
        tags: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> PipelineRun:
        """Take snapshots, send what the workspace lacks, and start a run.

        ``reuse`` is "place" (the old rule: what lies behind an input does not count) or "content"; without it
        the variable SKYLOOM_REUSE decides.

        The script that is there now is the one that runs (sdk.md 21, trap 25).

        Raises
        ------
        Exception
            A parameter is unknown or of the wrong kind.
        UserErrorException
            The graph cannot run; every reason is told.
        """
        from skyloom.sdk.experiment import Experiment
        from skyloom.sdk.pipeline_run import PipelineRun

        values = self._checked(pipeline_parameters or {})
        compiled = self._sent()
        options = replace(
            self._options(),
            regenerate=regenerate_outputs,
            reuse="content" if _reuse_rule(reuse) == "content" else "place",
            stop_on_failure=not continue_on_step_failure,
        )
        try:
            run = self.workspace._api.submit(
                Submission(
                    compiled.document(self.description or experiment_name),
                    experiment_name,
                    values,
                    options=options,
                    origin="sdk",
                    notes=run_notes(tags, display_name),
                )
            )
        except ProblemError as error:
            raise from_problem(error) from error
        print(f"Submitted PipelineRun {run}")
        made = PipelineRun(Experiment(self.workspace, experiment_name), run)
        print(f"Link to Azure Machine Learning Portal: {made.get_portal_url()}")
        return made

    def publish(
        self,
        name: str | None = None,
        description: str | None = None,
        version: str | None = None,
        continue_on_step_failure: bool | None = None,
    ) -> PublishedPipeline:
        """Freeze the pipeline as it is now, with its snapshots and defaults, under an address of its own.

        Raises
        ------
        UserErrorException
            The graph cannot run; every reason is told.
        """
        from skyloom.sdk.published_pipeline import PublishedPipeline

        compiled = self._sent()
        wish = Publication(
            name or "",
            description or self.description or "",
            version or "",
            compiled.document(name or "Pipeline"),
            options=self._options(),
            continue_on_step_failure=continue_on_step_failure,
        )
        try:
            return PublishedPipeline(self.workspace, self.workspace._api.publish_pipeline(wish))
        except ProblemError as error:
            raise from_problem(error) from error

    def _sent(self) -> Compiled:
        """The graph as it is now, told step by step, with its snapshots in the workspace."""
        compiled = self._compiled({}, self.workspace)
        for step in self._steps:
            reuse = (
                "is eligible to reuse a previous run's output"
                if _reuses(step)
                else "will run and generate new outputs"
            )
            guid = compiled.graph.node(compiled.node_of[step])
            digest = getattr(guid, "module", "")[7:15]
            print(f"Created step {step.name} [{digest}][{compiled.node_of[step]}], (This step {reuse})")
            for package in compiled.dropped.get(step.name, ()):
                print(f"  '{package}' is not installed: Skyloom brings its own names of the SDK")
            for note in compiled.notes.get(step.name, ()):
                print(f"  {note}")
        return compiled

    @staticmethod
    def _options() -> RunOptions:
        """How its runs are carried out, as far as it does not depend on the run."""
        return RunOptions(environment=os.environ.get(DEFAULT_ENVIRONMENT) or None)

    def service_endpoint(self) -> str:
        return self.workspace._api.address() or "skyloom:local"

    def _set_experiment_name(self, name: str) -> None:
        self._experiment_name = name

    @staticmethod
    def load_yaml(workspace: Workspace, filename: str, **_: Any) -> Pipeline:
        """A pipeline that is written in a YAML file (sdk.md 16).

        Raises
        ------
        ValueError
            The file has no ``pipeline`` or no ``steps``, or a part names what is not there.
        """
        from skyloom.sdk.pipeline_yaml import PipelineFile

        read = PipelineFile(workspace, filename)
        return Pipeline(workspace, read.steps, read.description)

    def _checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in given.items():
            parameter = self._parameters.get(name)
            if parameter is None:
                known = ", ".join(self._parameters) or "none"
                raise Exception(
                    f"Assigned parameter {name} is not a parameter of the pipeline; it has: {known}."
                )
            values[name] = parameter.check(value)
            definition = getattr(getattr(value, "dataset", value), "_definition", None)
            if definition is not None:
                self.workspace._api.define_dataset(definition)
        return values

    def _compiled(self, snapshots: dict[str, Snapshot], send_to: Workspace | None) -> Compiled:
        """``snapshots`` remembers each source directory, so that steps that share one share a snapshot."""
        if send_to is not None:
            refuse_faults(self._steps)
        sources = StepSources(
            self._source_of,
            send_to._api if send_to is not None else None,
            snapshots,
            memory_home(self.workspace._api),
        )
        compiled = compile_steps(self._steps, sources.digest, self._store, sources.named)
        for definition in compiled.definitions if send_to is not None else ():
            self.workspace._api.define_dataset(definition)
        return compiled

    def _source_of(self, step: SourceStep) -> str:
        return step.source_directory or self._source or "."


def _gather(one: Any, found: list[PipelineStep], resolve_closure: bool) -> list[PipelineStep]:
    """Put every step behind ``one`` into ``found``; those that ``one`` itself names are given back."""
    if isinstance(one, PipelineData):
        if one.producer is None:
            raise ValueError(f"PipelineData '{one.name}' has no step that writes it.")
        one = one.producer
    if isinstance(one, PipelineStep):
        if one not in found:
            found.append(one)
            for before in one.predecessors() if resolve_closure else ():
                _gather(before, found, resolve_closure)
        return [one]
    if isinstance(one, StepSequence):
        return _gather_sequence(one, found, resolve_closure)
    if isinstance(one, (list, tuple, set)):
        return [step for part in one for step in _gather(part, found, resolve_closure)]
    raise NotImplementedError(f"{type(one).__name__} cannot stand among the steps of a pipeline.")


def _gather_sequence(
    sequence: StepSequence, found: list[PipelineStep], resolve_closure: bool
) -> list[PipelineStep]:
    named: list[PipelineStep] = []
    before: list[PipelineStep] = []
    for part in sequence.steps:
        steps = _gather(part, found, resolve_closure)
        for step in steps:
            for earlier in before:
                if earlier is not step and earlier not in step._after:
                    step.run_after(earlier)
        before = steps or before
        named += steps
    return named


def _reuse_rule(given: str | None) -> str:
    rule = given or os.environ.get(REUSE) or "place"
    if rule not in ("place", "content"):
        raise ValueError(f"reuse is 'place' or 'content', not {rule!r}.")
    return rule


def _reuses(step: PipelineStep) -> bool:
    return bool(getattr(step, "allow_reuse", False))


def _store_name(workspace: Workspace, store: Any) -> str:
    if store is None:
        return workspace.get_default_datastore().name
    if isinstance(store, str):
        from skyloom.sdk.datastore import Datastore

        return Datastore.get(workspace, store).name
    return str(store.name)
