"""PublishedPipeline: a frozen pipeline with an address, started as often as one likes. Source: sdk.md 14."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from skyloom.core.graph import Graph
from skyloom.core.graph_file import graph_from_document
from skyloom.core.pipeline_address import pipeline_path, workspace_path
from skyloom.core.problem import ProblemError
from skyloom.core.publication import SDK, PipelineCall
from skyloom.core.publication import PublishedPipeline as Kept
from skyloom.sdk.compile import NoCatalogue
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.pipeline_parameter import _data_json

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.workspace import Workspace


class PublishedPipeline:
    """Made by ``Pipeline.publish``, found by ``get`` and ``list``; snapshot and defaults are frozen."""

    is_submittable = True  # by Experiment.submit

    def __init__(self, workspace: Workspace, kept: Kept) -> None:
        self.workspace = workspace
        self._kept = kept

    # --- finding ---------------------------------------------------------------------------------------

    @staticmethod
    def get(workspace: Workspace, id: str, _service_endpoint: Any = None) -> PublishedPipeline:
        """The one of that id; UserErrorException when there is none."""
        return PublishedPipeline(workspace, told(lambda: workspace._api.published_pipeline(id)))

    @staticmethod
    def list(
        workspace: Workspace, active_only: bool = True, _service_endpoint: Any = None
    ) -> list[PublishedPipeline]:
        """Those of a workspace, newest first."""
        found = workspace._api.published_pipelines(active_only)
        return [PublishedPipeline(workspace, one) for one in found]

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
    def version(self) -> str | None:
        return self._kept.version or None

    @property
    def graph_id(self) -> str:
        return self._kept.graph

    @property
    def status(self) -> str:
        return "Active" if self._kept.is_active else "Disabled"

    @property
    def total_run_steps(self) -> int:
        return len(self._kept.steps)

    @property
    def continue_on_step_failure(self) -> bool | None:
        return self._kept.continue_on_step_failure

    @property
    def endpoint(self) -> str:
        """The address that starts it; answered while the workspace's server is up (``skyloom up``)."""
        return pipelines_address(self.workspace) + pipeline_path(self.id)

    def get_step_names(self) -> list[str]:  # type: ignore[valid-type]
        return [*self._kept.steps]

    def get_graph(self, _workflow_provider: Any = None) -> Graph:
        if self._kept.document is None:
            self._kept = self.workspace._api.published_pipeline(self.id)
        return graph_from_document(self._kept.document, NoCatalogue())[0]

    # --- doing -----------------------------------------------------------------------------------------

    def enable(self, _service_endpoint: Any = None) -> None:
        self._set_active(True)

    def disable(self, _service_endpoint: Any = None) -> None:
        self._set_active(False)

    def submit(
        self,
        workspace: Workspace,
        experiment_name: str,
        pipeline_parameters: Mapping[str, Any] | None = None,
        _workflow_provider: Any = None,
        _service_endpoint: Any = None,
        parent_run_id: str | None = None,
        continue_on_step_failure: bool | None = None,
        **more: Any,
    ) -> PipelineRun:
        """Start a run of it.

        Raises
        ------
        UserErrorException
            It is disabled, or a value does not fit its parameter.
        """
        call = sdk_call(experiment_name, pipeline_parameters, parent_run_id, continue_on_step_failure, more)
        run = told(lambda: workspace._api.call_pipeline(self.id, call))
        print(f"Submitted PipelineRun {run}")
        return workspace._pipeline_run(workspace._experiment(experiment_name), run)

    def save(self, path: str | None = None, _service_endpoint: Any = None) -> Any:
        """Write the pipeline as YAML that Pipeline.load_yaml reads, its sources beside it; the path."""
        from skyloom.sdk.pipeline_save import save_graph

        return save_graph(self.workspace, self.get_graph(), self.description, path, self.id)

    def _submit_to(self, experiment: Experiment, **more: Any) -> PipelineRun:
        return self.submit(experiment.workspace, experiment.name, **more)

    def _set_active(self, is_active: bool) -> None:
        self._kept = told(lambda: self.workspace._api.set_pipeline_active(self.id, is_active))

    def __repr__(self) -> str:
        return (
            f"Pipeline(Name: {self.name},\nId: {self.id},\nStatus: {self.status},\nEndpoint: {self.endpoint})"
        )

    def _repr_html_(self) -> str:
        cells = (self.name, self.id, self.status, self.endpoint)
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        head = "<tr><th>Name</th><th>Id</th><th>Status</th><th>Endpoint</th></tr>"
        return f"<table>{head}<tr>{body}</tr></table>"


def pipelines_address(workspace: Workspace) -> str:
    """Where the pipelines of a workspace are: its server, or the address that ``skyloom up`` would take."""
    from skyloom.client.publishing import USUAL_ADDRESS

    base = workspace._api.address() or USUAL_ADDRESS
    return base + workspace_path(workspace.subscription_id, workspace.resource_group, workspace.name)


def sdk_call(
    experiment: str,
    values: Mapping[str, Any] | None,
    parent: str | None,
    go_on: bool | None,
    more: Mapping[str, Any],
) -> PipelineCall:
    """A call as the SDK makes it, from what its methods take."""
    tags = more.get("tags") or {}
    return PipelineCall(
        experiment,
        json_values(values),
        display_name=str(more.get("display_name") or ""),
        run_source=SDK,
        run_type=SDK,
        continue_on_step_failure=go_on,
        regenerate=bool(more.get("regenerate_outputs")),
        tags={str(key): str(value) for key, value in tags.items()},
        parent_run=parent or "",
    )


def json_values(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Values as a run keeps them: a DataPath or a dataset as what names it."""
    found: dict[str, Any] = {}
    for name, value in (values or {}).items():
        data = _data_json(value)
        found[name] = value if data is None else data
    return found


def told(ask: Any, kind: type[UserErrorException] = UserErrorException) -> Any:
    """What the workspace answers; a problem as an exception of the old kind."""
    try:
        return ask()
    except ProblemError as error:
        raise from_problem(error, kind) from error
