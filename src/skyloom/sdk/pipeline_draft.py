"""PipelineDraft: a pipeline in the workspace that is worked on before it is run or published.

Source: sdk.md 14.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skyloom.core.graph import Graph
from skyloom.core.graph_file import graph_from_document
from skyloom.core.identity import Json
from skyloom.core.publication import PipelineDraft as Kept
from skyloom.core.publication import Publication
from skyloom.core.run import RunOptions
from skyloom.core.workspace_api import Submission
from skyloom.sdk.compile import Compiled, NoCatalogue
from skyloom.sdk.labels import as_text, run_notes
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.pipeline_run import PipelineRun
from skyloom.sdk.published_pipeline import PublishedPipeline, json_values, told

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.workspace import Workspace


class PipelineDraft:
    """Made by ``create``, found by ``get`` and ``list``."""

    is_submittable = True  # by Experiment.submit

    def __init__(self, workspace: Workspace, kept: Kept) -> None:
        self.workspace = workspace
        self._kept = kept

    @staticmethod
    def create(
        workspace: Workspace,
        pipeline: Any,
        name: str | None = None,
        description: str | None = None,
        experiment_name: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> PipelineDraft:
        """From a Pipeline (which needs a name and an experiment), a PublishedPipeline, a run or a draft.

        Raises
        ------
        ValueError
            Name or experiment is missing, or ``pipeline`` is none of these.
        """
        start = _start_of(workspace, pipeline)
        wish = replace(
            start,
            name=name or start.name,
            description=description or start.description,
            experiment=experiment_name or start.experiment,
            values={**start.values, **json_values(pipeline_parameters)},
            continue_on_step_failure=(
                start.continue_on_step_failure
                if continue_on_step_failure is None
                else continue_on_step_failure
            ),
            tags={**start.tags, **as_text(tags)},
            properties={**start.properties, **as_text(properties)},
        )
        if not wish.name or not wish.experiment:
            raise ValueError("A draft of this needs a name and an experiment_name.")
        return PipelineDraft(workspace, told(lambda: workspace._api.create_draft(wish)))

    @staticmethod
    def get(workspace: Workspace, id: str, **_: Any) -> PipelineDraft:
        return PipelineDraft(workspace, told(lambda: workspace._api.draft(id)))

    @staticmethod
    def list(workspace: Workspace, tags: Any = None, **_: Any) -> list[PipelineDraft]:
        """Newest first; ``tags`` is a name, names, or values that the drafts must have."""
        found = [PipelineDraft(workspace, one) for one in workspace._api.drafts()]
        return [one for one in found if _has_tags(one.tags, tags)]

    # --- what it is ------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._kept.id

    @property
    def name(self) -> str:
        return self._kept.name

    @property
    def description(self) -> str:
        return self._kept.description

    @property
    def experiment_name(self) -> str:
        return self._kept.experiment

    @property
    def pipeline_parameters(self) -> dict[str, Any]:
        return dict(self._kept.values)

    @property
    def continue_on_step_failure(self) -> bool | None:
        return self._kept.continue_on_step_failure

    @property
    def tags(self) -> dict[str, str]:
        return dict(self._kept.tags)

    @property
    def properties(self) -> dict[str, str]:
        return dict(self._kept.properties)

    @property
    def parent_pipeline_id(self) -> str | None:
        return self._kept.parent_pipeline or None

    @property
    def parent_pipeline_run_id(self) -> str | None:
        return self._kept.parent_run or None

    @property
    def parent_pipeline_draft_id(self) -> str | None:
        return self._kept.parent_draft or None

    @property
    def parent_step_run_ids(self) -> list[str]:  # type: ignore[valid-type]
        return []

    @property
    def last_submitted_pipeline_run_id(self) -> str | None:
        return self._whole().last_run or None

    def get_graph(self, _workflow_provider: Any = None) -> Graph:
        return graph_from_document(self._whole().document, NoCatalogue())[0]

    # --- doing -----------------------------------------------------------------------------------------

    def update(
        self,
        pipeline: Any = None,
        name: str | None = None,
        description: str | None = None,
        experiment_name: str | None = None,
        tags: Mapping[str, Any] | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool | None = None,
        **_: Any,
    ) -> None:
        """Change what is given; the rest stays."""
        wish = self._whole()
        if pipeline is not None:
            start = _start_of(self.workspace, pipeline)
            wish = replace(wish, document=start.document, values=start.values, options=start.options)
        values = {**wish.values, **json_values(pipeline_parameters)}
        given = {
            "name": name,
            "description": description,
            "experiment": experiment_name,
            "tags": None if tags is None else as_text(tags),
            "values": None if pipeline_parameters is None else values,
            "continue_on_step_failure": continue_on_step_failure,
        }
        self._keep(replace(wish, **{key: one for key, one in given.items() if one is not None}))  # type: ignore[arg-type]

    def submit_run(self, **more: Any) -> PipelineRun:
        """Start a run of the draft as it is now."""
        return self._submit(self._whole().experiment, more)

    def publish(self, **_: Any) -> PublishedPipeline:
        """Publish the draft as it is now; its values become the defaults of the parameters."""
        kept = self._whole()
        wish = Publication(
            kept.name,
            kept.description,
            document=_with_defaults(kept.document, kept.values),
            options=kept.options,
            continue_on_step_failure=kept.continue_on_step_failure,
        )
        return PublishedPipeline(self.workspace, told(lambda: self.workspace._api.publish_pipeline(wish)))

    def delete(self) -> None:
        told(lambda: self.workspace._api.delete_draft(self.id))

    def save(self, path: str | None = None, **_: Any) -> Any:
        """Write the pipeline as YAML that Pipeline.load_yaml reads, its sources beside it; the path."""
        from skyloom.sdk.pipeline_save import save_graph

        return save_graph(self.workspace, self.get_graph(), self.description, path, self.id)

    def _submit_to(self, experiment: Experiment, **more: Any) -> PipelineRun:
        return self._submit(experiment.name, more)

    def _submit(self, experiment: str, more: Mapping[str, Any]) -> PipelineRun:
        kept, api = self._whole(), self.workspace._api
        options = replace(
            kept.options,
            stop_on_failure=not kept.continue_on_step_failure,
            regenerate=bool(more.get("regenerate_outputs")),
        )
        values = {**kept.values, **json_values(more.get("pipeline_parameters"))}
        properties = {**kept.properties, "azureml.pipelinedraftid": self.id}
        notes = run_notes({**kept.tags, **(more.get("tags") or {})}, more.get("display_name"), properties)
        wish = Submission(kept.document, experiment, values, options=options, origin="sdk", notes=notes)
        run = self.workspace._pipeline_run(
            self.workspace._experiment(experiment), told(lambda: api.submit(wish))
        )
        self._keep(replace(kept, last_run=run.id))
        print(f"Submitted PipelineRun {run.id}")
        return run

    def _whole(self) -> Kept:
        self._kept = told(lambda: self.workspace._api.draft(self.id))
        return self._kept

    def _keep(self, changed: Kept) -> None:
        self._kept = told(lambda: self.workspace._api.change_draft(changed))

    def __repr__(self) -> str:
        return f"PipelineDraft(Name: {self.name},\nId: {self.id},\nExperiment: {self.experiment_name})"

    def _repr_html_(self) -> str:
        from html import escape

        cells = "".join(f"<td>{escape(one)}</td>" for one in (self.name, self.id, self.experiment_name))
        return f"<table><tr><th>Name</th><th>Id</th><th>Experiment</th></tr><tr>{cells}</tr></table>"


def _start_of(workspace: Workspace, pipeline: Any) -> Kept:
    """What a draft of this begins with."""
    if isinstance(pipeline, Pipeline):
        document = pipeline._sent().document("Draft")
        return Kept("", "", "", document, pipeline.description or "", options=pipeline._options())
    if isinstance(pipeline, PublishedPipeline):
        found = told(lambda: workspace._api.published_pipeline(pipeline.id))
        return Kept(
            "",
            found.name,
            "",
            found.document,
            found.description,
            options=found.options,
            continue_on_step_failure=found.continue_on_step_failure,
            parent_pipeline=found.id,
        )
    if isinstance(pipeline, PipelineRun):
        run = pipeline._core()
        document = Compiled(pipeline._graph, {}).document("Draft")
        lasting = RunOptions(environment=run.options.environment)
        name = f"Draft of {run.id}"
        return Kept("", name, run.experiment, document, values=run.values, options=lasting, parent_run=run.id)
    if isinstance(pipeline, PipelineDraft):
        return replace(pipeline._whole(), id="", parent_draft=pipeline.id, last_run="", revision=1)
    raise ValueError(
        f"A draft is made of a Pipeline, PublishedPipeline, PipelineRun or draft, not of {pipeline!r}."
    )


def _with_defaults(document: Json, values: Mapping[str, Any]) -> Json:
    if not isinstance(document, dict) or not isinstance(document.get("parameters"), dict):
        return document
    parameters = dict(document["parameters"])  # type: ignore[arg-type]
    for name, value in values.items():
        body = parameters.get(name)
        if isinstance(body, dict):
            parameters[name] = {**body, "default": value}
    return {**document, "parameters": parameters}


def _has_tags(have: Mapping[str, str], wanted: Any) -> bool:
    if isinstance(wanted, str):
        return wanted in have
    if isinstance(wanted, Mapping):
        return all(have.get(str(key)) == str(value) for key, value in wanted.items())
    return all(key in have for key in wanted or ())
