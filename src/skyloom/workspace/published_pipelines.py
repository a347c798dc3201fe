"""Published pipelines: frozen graphs that are started by their id. Source: sdk.md 14 and 15."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.graph_document import document_of
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json, RunId
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.publication import CallRecord, PipelineCall, Publication, PublishedPipeline
from skyloom.core.run import RunOptions
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import graph_digest
from skyloom.core.workspace_api import Submission
from skyloom.engine.document_ports import Documents
from skyloom.engine.ports import RunRecords, utc_now
from skyloom.workspace.kept import Kept

Freeze = Callable[[Submission], Graph]
Submit = Callable[[Submission], RunId]
_EXPERIMENT = re.compile(r"[A-Za-z0-9][\w-]{0,254}")
_TRIES = 20  # of a change that others make at the same moment


class PublishedPipelines:
    """Those of one workspace.

    Parameters
    ----------
    freeze
        The checked graph of a submission; raises every reason why it cannot run.
    submit
        Accepts a run durably.
    annotate
        Writes notes on a run: whose it is, and what its call said.
    """

    def __init__(
        self,
        documents: Documents,
        records: RunRecords,
        freeze: Freeze,
        submit: Submit,
        annotate: Callable[[RunId, RunNotes], object],
        now: Callable[[], str] = utc_now,
    ) -> None:
        self._documents = documents
        self._records = records
        self._freeze = freeze
        self._submit = submit
        self._annotate = annotate
        self._now = now
        self._pipelines = Kept(documents, "published pipeline", PublishedPipeline)
        self._calls = Kept(documents, "pipeline call", CallRecord, parent=lambda call: call.pipeline)

    def publish_pipeline(self, publication: Publication) -> PublishedPipeline:
        graph, options = self._frozen(publication)
        now = self._now()
        id = str(uuid.uuid4())
        made = PublishedPipeline(
            id,
            publication.name or f"Pipeline_{id[:8]}",
            publication.description,
            publication.version,
            graph_digest(graph),
            _written(graph, publication.name),
            step_names(graph),
            {one.name: one.default for one in graph.parameters},
            options,
            publication.continue_on_step_failure,
            created_at=now,
            changed_at=now,
        )
        self._pipelines.add(made, graph.snapshots())
        return made

    def published_pipelines(self, active_only: bool = True) -> list[PublishedPipeline]:
        found = [one for one in self._pipelines.all() if one.is_active or not active_only]
        return [replace(one, document=None) for one in reversed(found)]

    def published_pipeline(self, pipeline: str) -> PublishedPipeline:
        found = self._pipelines.find(pipeline)
        if found is None:
            raise ProblemError(
                Problem(
                    "P200",
                    f"There is no published pipeline '{pipeline}'.",
                    pipeline,
                    "List what is published.",
                )
            )
        return found

    def set_pipeline_active(self, pipeline: str, is_active: bool) -> PublishedPipeline:
        for _ in range(_TRIES):
            found = self.published_pipeline(pipeline)
            changed = replace(found, is_active=is_active, changed_at=self._now())
            if found.is_active == is_active or self._pipelines.change(changed, found.revision):
                return changed
        raise changed_meanwhile(pipeline)

    def call_pipeline(self, pipeline: str, call: PipelineCall) -> RunId:
        return self._start(self.published_pipeline(pipeline), call)

    def calls(self, pipeline: str = "", schedule: str = "") -> list[CallRecord]:
        found = self._calls.all(pipeline or None)
        return [one for one in reversed(found) if schedule in ("", one.schedule)]

    def call_of(self, run: RunId) -> CallRecord | None:
        return self._calls.find(run)

    def _start(self, pipeline: PublishedPipeline, call: PipelineCall, endpoint: str = "") -> RunId:
        if not pipeline.is_active:
            raise ProblemError(
                Problem(
                    "P201", f"The pipeline '{pipeline.name}' is disabled.", pipeline.id, "Enable it first."
                )
            )
        check_experiment(call.experiment)
        run = self._submit(
            Submission(
                pipeline.document,
                call.experiment,
                given_values(pipeline.parameters, call),
                options=_options(pipeline, call),
                origin="endpoint",
                idempotency_key=call.idempotency_key,
                notes=_notes(pipeline, call, endpoint),
            )
        )
        if self.call_of(run) is None:  # else the key was used before
            self._calls.add(
                CallRecord(run, pipeline.id, endpoint, call.schedule, call.run_type, call.run_source)
            )
        return run

    def _frozen(self, publication: Publication) -> tuple[Graph, RunOptions]:
        keep_going = publication.continue_on_step_failure
        if not publication.run:
            graph, options = self._freeze(Submission(publication.document)), publication.options
        else:
            run = self._records.load(RunId(publication.run))
            found = self._records.graph(run.graph) if run else None
            if run is None or found is None:
                what = f"There is no run '{publication.run}'."
                raise ProblemError(Problem("R001", what, publication.run, "See 'skyloom runs list'."))
            graph, options = found, run.options
            keep_going = not options.stop_on_failure if keep_going is None else keep_going
        lasting = replace(
            options, selection=(), regenerate=False, resumes=None, stop_on_failure=not keep_going
        )
        return graph, lasting


def check_experiment(name: str) -> None:
    """Refuse what is no name of an experiment (P202)."""
    if not _EXPERIMENT.fullmatch(name):
        raise ProblemError(
            Problem(
                "P202",
                f"{name!r:.300} is no name of an experiment." if name else "ExperimentName is missing.",
                "ExperimentName",
                "Use up to 255 letters, digits, '-' and '_', beginning with a letter or digit.",
            )
        )


def given_values(parameters: Mapping[str, Json], call: PipelineCall) -> dict[str, Json]:
    """Values of the call for parameters that there are; others are let pass (sdk.md 21, trap 6).

    Raises
    ------
    ProblemError
        P203: values that do not fit, all of them.
    """
    values: dict[str, Json] = {}
    faults: list[Problem] = []
    for name, default in parameters.items():
        if name in call.values:
            try:
                values[name] = fitted(default, call.values[name])
            except ValueError as error:
                faults.append(
                    Problem(
                        "P203", f"The value of '{name}' {error}.", name, f"Its default is {default!r:.100}."
                    )
                )
        elif name in call.data_paths:
            values[name] = data_path_value(default, call.data_paths[name])
        elif name in call.datasets:
            values[name] = call.datasets[name]
    if faults:
        raise ProblemError(faults)
    return values


def fitted(default: Json, value: Json) -> Json:
    """A value that came as text or number, as the kind that the default has.

    Raises
    ------
    ValueError
        It cannot be read so.

    >>> fitted(10, "20"), fitted(0.5, 1), fitted(True, "False"), fitted("a", 3)
    (20, 1, False, '3')
    """
    if isinstance(default, bool):
        words: dict[str, Json] = {"true": True, "1": True, "false": False, "0": False}
        if isinstance(value, (bool, int)) or (isinstance(value, str) and value.lower() in words):
            return words.get(str(value).lower(), bool(value))
        raise ValueError(f"must be true or false, not {value!r:.100}")
    if isinstance(default, (int, float)):
        return _number(default, value)
    if isinstance(default, str):
        if isinstance(value, (dict, list)):
            raise ValueError("must be text")
        return value if isinstance(value, str) else str(value)
    return value


def _number(default: float, value: Json) -> Json:
    kind = "a whole number" if isinstance(default, int) else "a number"
    if isinstance(value, (int, float)):
        if isinstance(default, int) and isinstance(value, float) and not value.is_integer():
            raise ValueError(f"must be {kind}, not {value!r}")
        return int(value) if isinstance(default, int) else value
    try:
        return type(default)(str(value).strip())
    except ValueError:
        raise ValueError(f"must be {kind}, not {value!r:.100}") from None


def data_path_value(default: Json, place: Json) -> Json:
    """A place as the value of a parameter: the place itself, or its path where the default is text."""
    if isinstance(default, str) and isinstance(place, dict):
        return str(place.get("path", ""))
    if isinstance(default, dict) and isinstance(place, dict):
        return {**default, **{name: part for name, part in place.items() if part not in (None, "")}}
    return place


def step_names(graph: Graph) -> tuple[str, ...]:
    return tuple(node.title or str(node.id) for node in graph.nodes if isinstance(node, ModuleNode))


def changed_meanwhile(what: str) -> ProblemError:
    """P214."""
    return ProblemError(
        Problem(
            "P214", f"'{what}' was changed by somebody else meanwhile.", what, "Get it again, then change it."
        )
    )


def _options(pipeline: PublishedPipeline, call: PipelineCall) -> RunOptions:
    wish = call.continue_on_step_failure
    options = replace(pipeline.options, regenerate=call.regenerate)
    return options if wish is None else replace(options, stop_on_failure=not wish)


def _notes(pipeline: PublishedPipeline, call: PipelineCall, endpoint: str) -> RunNotes:
    own = {
        "azureml.pipelineid": pipeline.id,
        "azureml.pipelineendpointid": endpoint,
        "azureml.scheduleid": call.schedule,
        "azureml.parentrunid": call.parent_run,
        "runSource": call.run_source or "Unavailable",
        "runType": call.run_type,
    }
    properties = {**{name: text for name, text in own.items() if text}, **call.properties}
    return RunNotes(dict(call.tags), properties, call.description or pipeline.description, call.display_name)


def _written(graph: Graph, name: str) -> Json:
    return document_of(graph, GraphView(name or "Pipeline"), _NoCatalogue())


class _NoCatalogue:
    """What is published carries its modules with it: it does not change when the palette does."""

    def find(self, name: str, version: str | None = None) -> ModuleSpec | None:
        return None

    def names(self) -> list[str]:
        return []
