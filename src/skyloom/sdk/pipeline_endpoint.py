"""PipelineEndpoint: one address that stays while the pipelines behind it change. Source: sdk.md 14."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from skyloom.core.pipeline_address import endpoint_path
from skyloom.core.problem import ProblemError
from skyloom.core.publication import EndpointVersion
from skyloom.core.publication import PipelineEndpoint as Kept
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.published_pipeline import PublishedPipeline, pipelines_address, sdk_call, told

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.workspace import Workspace

_NAME_TAKEN = "P205"
_TRIES = 10  # of a change that others make at the same moment
_CHANGED = "P214"


class PipelineVersion(NamedTuple):
    """A version of an endpoint, and the pipeline behind it."""

    version: str
    pipeline: PublishedPipeline


class PipelineEndpoint:
    """Made by ``publish``, found by ``get`` and ``list``. Versions are '0', '1', ... in order of adding."""

    is_submittable = True  # by Experiment.submit

    def __init__(self, workspace: Workspace, kept: Kept) -> None:
        self.workspace = workspace
        self._kept = kept

    # --- making and finding ----------------------------------------------------------------------------

    @staticmethod
    def publish(
        workspace: Workspace, name: str, description: str, pipeline: Pipeline | PublishedPipeline, **_: Any
    ) -> PipelineEndpoint:
        """An endpoint whose version '0' is ``pipeline``; a Pipeline is published first.

        Raises
        ------
        ValueError
            There is an endpoint of that name.
        """
        if any(one.name == name for one in workspace._api.pipeline_endpoints(active_only=False)):
            raise ValueError(f"Pipeline endpoint '{name}' exists already; add() gives it another version.")
        published = _published(pipeline, name)
        try:
            return PipelineEndpoint(
                workspace, workspace._api.create_pipeline_endpoint(name, description or "", published.id)
            )
        except ProblemError as error:
            if error.problem.code == _NAME_TAKEN:
                raise ValueError(str(error)) from error
            raise from_problem(error) from error

    @staticmethod
    def get(
        workspace: Workspace, id: str | None = None, name: str | None = None, **_: Any
    ) -> PipelineEndpoint:
        """By one of id and name; UserErrorException when there is none such."""
        if (id is None) == (name is None):
            raise UserErrorException("PipelineEndpoint.get takes either an id or a name.")
        return PipelineEndpoint(
            workspace, told(lambda: workspace._api.pipeline_endpoint(id or "", name or ""))
        )

    @staticmethod
    def list(
        workspace: Workspace, active_only: bool = True, max_results: int = 100, **_: Any
    ) -> list[PipelineEndpoint]:
        """Newest first."""
        found = workspace._api.pipeline_endpoints(active_only)[:max_results]
        return [PipelineEndpoint(workspace, one) for one in found]

    get_all = list

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
    def status(self) -> str:
        return "Active" if self._kept.is_active else "Disabled"

    @property
    def default_version(self) -> str:
        return self._kept.default_version

    @property
    def endpoint(self) -> str:
        """The address that starts the default version; a further ``/VERSION`` starts that one."""
        return pipelines_address(self.workspace) + endpoint_path(self.id)

    @property
    def swaggerurl(self) -> str:
        return (self.workspace._api.address() or "skyloom:local") + "/openapi.json"

    @property
    def pipeline_version_list(self) -> list[EndpointVersion]:  # type: ignore[valid-type]
        return [*self._kept.versions]

    def get_default_version(self) -> str:
        self._refresh()
        return self.default_version

    def list_versions(self) -> list[PipelineVersion]:  # type: ignore[valid-type]
        """Every version with its pipeline."""
        return [
            PipelineVersion(one.version, PublishedPipeline.get(self.workspace, one.pipeline))
            for one in self._refresh().versions
        ]

    get_all_versions = list_versions

    def list_pipelines(self, active_only: bool = True) -> list[PublishedPipeline]:  # type: ignore[valid-type]
        found = [PublishedPipeline.get(self.workspace, one.pipeline) for one in self._refresh().versions]
        return [one for one in found if one.status == "Active" or not active_only]

    get_all_pipelines = list_pipelines

    def get_pipeline(self, version: str | None = None) -> PublishedPipeline:
        """The pipeline behind a version, by default the default one.

        Raises
        ------
        ValueError
            There is no such version.
        """
        found = self._refresh().pipeline_of(version)
        if found is None:
            raise ValueError(self._no_version(version))
        return PublishedPipeline.get(self.workspace, found)

    # --- changing it -----------------------------------------------------------------------------------

    def add(self, pipeline: Pipeline | PublishedPipeline) -> None:
        """Another version; the default stays."""
        self._add(pipeline, is_default=False)

    def add_default(self, pipeline: Pipeline | PublishedPipeline) -> None:
        """Another version, which is the default from now on."""
        self._add(pipeline, is_default=True)

    def set_default(self, pipeline: PublishedPipeline) -> None:
        """Make the version of a pipeline that is in the list the default; ValueError when it is not."""
        for one in self._refresh().versions:
            if one.pipeline == pipeline.id:
                self.set_default_version(one.version)
                return
        raise ValueError(
            f"Pipeline '{pipeline.id}' is not in the endpoint '{self.name}'; add_default adds it."
        )

    def set_default_version(self, version: str) -> None:
        """ValueError when there is no such version."""
        if self._refresh().pipeline_of(str(version)) is None:
            raise ValueError(self._no_version(version))
        self._change(default_version=str(version))

    def set_name(self, name: str) -> None:
        self._change(name=name)

    def set_description(self, description: str) -> None:
        self._change(description=description)

    def enable(self) -> None:
        self._change(is_active=True)

    def disable(self) -> None:
        self._change(is_active=False)

    def archive(self) -> None:
        """Disable it and give its name free."""
        self._change(name=f"{self.name}-{secrets.token_hex(8)}", is_active=False)

    def reactivate(self, name: str) -> None:
        """Enable an archived one under a name."""
        self._change(name=name, is_active=True)

    def submit(
        self,
        experiment_name: str,
        pipeline_parameters: Mapping[str, Any] | None = None,
        _workflow_provider: Any = None,
        _service_endpoint: Any = None,
        parent_run_id: str | None = None,
        pipeline_version: str | None = None,
        **more: Any,
    ) -> PipelineRun:
        """Start a run of a version, by default the default one.

        Raises
        ------
        ValueError
            The endpoint is not active, or has no such version.
        """
        kept = self._refresh()
        version = None if pipeline_version is None else str(pipeline_version)
        if not kept.is_active:
            raise ValueError(f"Pipeline endpoint '{self.name}' is disabled; enable() it first.")
        if kept.pipeline_of(version) is None:
            raise ValueError(self._no_version(version))
        go_on = more.pop("continue_on_step_failure", None)
        call = sdk_call(experiment_name, pipeline_parameters, parent_run_id, go_on, more)
        run = told(lambda: self.workspace._api.call_pipeline_endpoint(self.id, version, call))
        print(f"Submitted PipelineRun {run}")
        return self.workspace._pipeline_run(self.workspace._experiment(experiment_name), run)

    def _submit_to(self, experiment: Experiment, **more: Any) -> PipelineRun:
        return self.submit(experiment.name, **more)

    def _add(self, pipeline: Pipeline | PublishedPipeline, is_default: bool) -> None:
        published = _published(pipeline, self.name)
        for _ in range(_TRIES):
            kept = self._refresh()
            version = str(len(kept.versions))
            versions = (*kept.versions, EndpointVersion(version, published.id))
            default = version if is_default else kept.default_version
            try:
                wish = replace(kept, versions=versions, default_version=default)
                self._kept = self.workspace._api.change_pipeline_endpoint(wish)
                return
            except ProblemError as error:
                if error.problem.code != _CHANGED:
                    raise from_problem(error) from error
        raise UserErrorException(f"The endpoint '{self.name}' is being changed by others; try again.")

    def _change(self, **facts: Any) -> None:
        kept = self._refresh()
        self._kept = told(lambda: self.workspace._api.change_pipeline_endpoint(replace(kept, **facts)))

    def _refresh(self) -> Kept:
        self._kept = told(lambda: self.workspace._api.pipeline_endpoint(self.id))
        return self._kept

    def _no_version(self, version: Any) -> str:
        known = ", ".join(one.version for one in self._kept.versions)
        return f"Pipeline endpoint '{self.name}' has no version '{version}'; it has: {known}."

    def __repr__(self) -> str:
        return f"PipelineEndpoint(Name: {self.name},\nId: {self.id},\nStatus: {self.status})"

    def _repr_html_(self) -> str:
        cells = (self.name, self.id, self.status, self.default_version, self.endpoint)
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        head = "".join(f"<th>{one}</th>" for one in ("Name", "Id", "Status", "Default version", "Endpoint"))
        return f"<table><tr>{head}</tr><tr>{body}</tr></table>"


def _published(pipeline: Pipeline | PublishedPipeline, name: str) -> PublishedPipeline:
    if isinstance(pipeline, Pipeline):
        moment = datetime.now(UTC).strftime("%m-%d-%Y-%H-%M")
        return pipeline.publish(f"{name}-{moment}-Pipeline")
    return pipeline
