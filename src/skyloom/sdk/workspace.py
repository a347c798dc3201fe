"""Workspace: where everything else is found. A client of the agent of a home. Source: sdk.md 4."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skyloom.core.data_reference import BLOB_STORE
from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError
from skyloom.sdk import homes
from skyloom.sdk.exceptions import (
    AuthenticationException,
    UserErrorException,
    WorkspaceException,
    from_problem,
)
from skyloom.sdk.unbuilt import refuse
from skyloom.sdk.workspace_config import find_config, read_config, read_url, write_config

if TYPE_CHECKING:
    from skyloom.client.publishing import PublishingWorkspace
    from skyloom.core.graph import Graph
    from skyloom.core.identity import NodeId
    from skyloom.sdk.compute import ComputeTarget
    from skyloom.sdk.datastore import Datastore
    from skyloom.sdk.environment import Environment
    from skyloom.sdk.environment_build import EnvironmentBuild
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.keyvault import Keyvault
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.run import Run
    from skyloom.sdk.step_run import StepRun
    from skyloom.sdk.steps.python_script import SourceStep

_NAME = re.compile(r"[A-Za-z0-9][\w-]{2,32}")


class Workspace:
    """A workspace by name.

    Parameters
    ----------
    subscription_id, resource_group, workspace_name
        Only the name decides which workspace it is; the others are kept and given back.

    Raises
    ------
    WorkspaceException
        There is no workspace of that name on this machine.

    Examples
    --------
    >>> ws = Workspace.create(name="demo", exist_ok=True)  # doctest: +SKIP
    >>> ws.get_default_datastore().name  # doctest: +SKIP
    'workspaceblobstore'
    """

    DEFAULT_CPU_CLUSTER_CONFIGURATION: Mapping[str, Any] = {}
    DEFAULT_GPU_CLUSTER_CONFIGURATION: Mapping[str, Any] = {}

    def __init__(
        self,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace_name: str | None = None,
        auth: Any = None,
        _location: str | None = None,
        _disable_service_check: bool = False,
        _workspace_id: str | None = None,
        sku: str = "basic",
        tags: Mapping[str, str] | None = None,
        _cloud: str = "AzureCloud",
        _url: str = "",
    ) -> None:
        found = _reached(lambda: homes.find_workspace(_checked(workspace_name), _url, auth))
        if found is None:
            raise WorkspaceException(_not_found(str(workspace_name)))
        self._settle(*found)

    def _settle(self, api: PublishingWorkspace, facts: Mapping[str, Json]) -> None:
        self._api = api
        self._facts = dict(facts)

    @classmethod
    def _of(cls, api: PublishingWorkspace, facts: Mapping[str, Json]) -> Workspace:
        made = cls.__new__(cls)
        made._settle(api, facts)
        return made

    # --- finding and making --------------------------------------------------------------------------

    @staticmethod
    def create(
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        create_resource_group: bool = True,
        sku: str = "basic",
        tags: Mapping[str, str] | None = None,
        friendly_name: str | None = None,
        storage_account: Any = None,
        key_vault: Any = None,
        app_insights: Any = None,
        container_registry: Any = None,
        adb_workspace: Any = None,
        cmk_keyvault: Any = None,
        resource_cmk_uri: Any = None,
        hbi_workspace: bool = False,
        default_cpu_compute_target: Any = None,
        default_gpu_compute_target: Any = None,
        exist_ok: bool = False,
        show_output: bool = True,
        **more: Any,
    ) -> Workspace:
        """Make a workspace, or give the one of that name with ``exist_ok``.

        Raises
        ------
        WorkspaceException
            There is one already and not ``exist_ok``.
        UserErrorException
            The name is none.
        """
        found = _reached(lambda: homes.find_workspace(_checked(name), auth=auth))
        if found is not None:
            if not exist_ok:
                raise WorkspaceException(
                    f"Workspace with name '{name}' already exists under resource group with name "
                    f"'{found[1].get('resource_group')}'. Pass exist_ok=True to use it."
                )
            return Workspace._of(*found)
        facts: dict[str, Json] = {
            "name": name,
            "id": str(uuid.uuid4()),
            "subscription_id": subscription_id or "local",
            "resource_group": resource_group or "local",
            "location": location or "local",
            "sku": sku,
            "tags": {str(key): str(value) for key, value in (tags or {}).items()},
            "friendly_name": friendly_name or name,
            "default_datastore": BLOB_STORE,
            "created_at": datetime.now(UTC).isoformat(),
        }
        api = _reached(lambda: homes.home_for_new(name, auth))
        try:
            kept = api.change_facts(facts, create=True)
        except ProblemError as error:
            raise from_problem(error, WorkspaceException) from error
        if show_output:
            print(f"Deployed Workspace with name {name}.")
        return Workspace._of(api, kept)

    @staticmethod
    def get(
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        cloud: str = "AzureCloud",
        id: str | None = None,
    ) -> Workspace:
        """The workspace of that name; WorkspaceException when there is none."""
        return Workspace(subscription_id, resource_group, name, auth)

    @staticmethod
    def from_config(
        path: str | None = None, auth: Any = None, _logger: Any = None, _file_name: str | None = None
    ) -> Workspace:
        """The workspace that a config.json in ``path``, or in a folder above, names."""
        file = find_config(path, _file_name)
        subscription, group, name = read_config(file)
        return Workspace(subscription, group, name, auth, _url=read_url(file))

    @staticmethod
    def list(
        subscription_id: str | None = None, auth: Any = None, resource_group: str | None = None
    ) -> dict[str, list[Workspace]]:
        """Every workspace of this home, by name."""
        return {name: [Workspace(workspace_name=name)] for name in homes.workspace_names()}

    def write_config(self, path: str | None = None, file_name: str | None = None) -> None:
        """Write ``.azureml/config.json`` for ``from_config``."""
        write_config(
            path,
            file_name,
            {
                "subscription_id": self.subscription_id,
                "resource_group": self.resource_group,
                "workspace_name": self.name,
            },
            self._server_url(),
        )

    def _server_url(self) -> str:
        """The address of a workspace behind a server; nothing for one of this machine."""
        from skyloom.client.server_place import ServerPlace

        return self._api.place.url if isinstance(self._api.place, ServerPlace) else ""

    # --- what it is ------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._fact("name")

    @property
    def subscription_id(self) -> str:
        return self._fact("subscription_id")

    @property
    def resource_group(self) -> str:
        return self._fact("resource_group")

    @property
    def location(self) -> str:
        return self._fact("location")

    @property
    def sku(self) -> str:
        return self._fact("sku")

    @property
    def friendly_name(self) -> str:
        return self._fact("friendly_name")

    @property
    def tags(self) -> dict[str, str]:
        found = self._facts.get("tags")
        return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    @property
    def discovery_url(self) -> str:
        return "skyloom:local/discovery"

    @property
    def service_context(self) -> Workspace:
        return self

    def get_details(self) -> dict[str, Any]:
        """Everything the workspace says of itself."""
        return {
            "id": (
                f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
                f"/providers/Microsoft.MachineLearningServices/workspaces/{self.name}"
            ),
            "name": self.name,
            "location": self.location,
            "type": "Microsoft.MachineLearningServices/workspaces",
            "tags": self.tags,
            "sku": self.sku,
            "workspaceid": self._fact("id"),
            "friendlyName": self.friendly_name,
            "creationTime": self._fact("created_at"),
            "provisioningState": "Succeeded",
        }

    def _fact(self, name: str) -> str:
        return str(self._facts.get(name, ""))

    # --- what is in it ---------------------------------------------------------------------------------

    @property
    def experiments(self) -> Mapping[str, Experiment]:
        """Experiments that have runs, by name; looked up when asked, so a run of a moment ago counts."""
        from skyloom.sdk.experiment import Experiment

        names = dict.fromkeys(run.experiment for run in self._api.runs(limit=500))
        return {name: Experiment._of(self, name) for name in names}

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        from skyloom.sdk.compute import ComputeTarget

        return {target.name: target for target in ComputeTarget.list(self)}

    @property
    def datastores(self) -> dict[str, Datastore]:
        from skyloom.sdk.datastore import Datastore

        return {store.name: Datastore.get(self, store.name) for store in self._api.datastores()}

    @property
    def datasets(self) -> Mapping[str, Any]:
        """Registered datasets by name; looked up when asked."""
        from skyloom.sdk.dataset import RegisteredDatasets

        return RegisteredDatasets(self)

    @property
    def environments(self) -> dict[str, Environment]:
        from skyloom.sdk.environment import Environment

        return Environment.list(self)

    @property
    def models(self) -> Mapping[str, Any]:
        """The newest version of each registered model, by name."""
        from skyloom.sdk.model import latest_models

        return latest_models(self)

    @property
    def webservices(self) -> Mapping[str, Any]:
        return {}

    images = linked_services = webservices

    def get_default_datastore(self) -> Datastore:
        from skyloom.sdk.datastore import Datastore

        return Datastore.get(self, str(self._api.facts().get("default_datastore") or BLOB_STORE))

    def set_default_datastore(self, name: str) -> None:
        """Make a datastore the default of this workspace."""
        from skyloom.sdk.datastore import Datastore

        self._change(default_datastore=Datastore.get(self, name).name)

    def get_default_compute_target(self, type: str = "CPU") -> Any:
        return None

    def get_run(self, run_id: str) -> Run:
        """A run of this workspace, whatever experiment it belongs to."""
        from skyloom.sdk.run import Run

        return Run.get(self, run_id)

    # everything is found through the workspace, so that the classes need not know each other

    def _environment_build(self, environment: Environment) -> EnvironmentBuild:
        from skyloom.sdk.environment_build import build

        return build(self, environment)

    def _compute_kind(self, kind: str) -> type[ComputeTarget]:
        from skyloom.sdk.compute_outside import compute_kind

        return compute_kind(kind)

    def _experiment(self, name: str) -> Experiment:
        from skyloom.sdk.experiment import Experiment

        return Experiment._of(self, name)

    def _submit_script(self, experiment: Experiment, step: SourceStep, *more: Any, **settings: Any) -> Any:
        from skyloom.sdk.script_submission import submit_script

        return submit_script(experiment, step, *more, **settings)

    def _interactive_run(self, experiment: Experiment, outputs: Any, display_name: str | None) -> Any:
        from skyloom.sdk.interactive_run import InteractiveRun

        return InteractiveRun(experiment, outputs=outputs, display_name=display_name)

    def _register_run_file(self, run: Run, *more: Any) -> Any:
        from skyloom.sdk.model import register_run_file

        return register_run_file(run, *more)

    def _whole_run(self, experiment: Experiment, run_id: str) -> Run:
        from skyloom.sdk.run_lookup import ScriptRun, get_run

        found = get_run(experiment, run_id)
        if type(found) is ScriptRun and found.get_properties().get("azureml.runsource") == "HyperDrive":
            from skyloom.sdk.hyperdrive.run import HyperDriveRun

            return HyperDriveRun(experiment, run_id)
        return found

    def _pipeline_run(self, experiment: Experiment, run_id: str) -> PipelineRun:
        from skyloom.sdk.pipeline_run import PipelineRun

        return PipelineRun(experiment, run_id)

    def _pipeline_run_of(self, run_id: str) -> PipelineRun:
        """By the id alone, whatever experiment it belongs to."""
        from skyloom.sdk.pipeline_run import PipelineRun

        return PipelineRun.get(self, run_id)

    def _step_run(self, experiment: Experiment, run_id: str, node: NodeId, graph: Graph) -> StepRun:
        from skyloom.sdk.step_run import StepRun

        return StepRun(experiment, run_id, _node=node, _graph=graph)

    def _dataset(self, name: str, version: int | str = "latest") -> Any:
        from skyloom.sdk.dataset import Dataset

        return Dataset.get_by_name(self, name, version)

    def _dataset_by_id(self, id: str) -> Any:
        from skyloom.sdk.dataset import Dataset

        return Dataset.get_by_id(self, id)

    def get_mlflow_tracking_uri(self, with_auth: bool = False) -> str:
        refuse("Workspace.get_mlflow_tracking_uri", "Log with Run.log; an MLflow store is not served.")

    def get_default_keyvault(self) -> Keyvault:
        """Secrets of this workspace by name."""
        from skyloom.sdk.keyvault import Keyvault

        return Keyvault(self)

    def update(
        self,
        friendly_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """Change what the workspace says of itself."""
        changes: dict[str, Json] = {"friendly_name": friendly_name, "description": description}
        if tags is not None:
            changes["tags"] = {str(key): str(value) for key, value in tags.items()}
        self._change(**{name: value for name, value in changes.items() if value is not None})
        return self.get_details()

    def delete(self, delete_dependent_resources: bool = False, no_wait: bool = False, **_: Any) -> None:
        refuse("Workspace.delete", "End its agent with 'skyloom agent stop' and remove its folder.")

    def list_keys(self) -> dict[str, Any]:
        return {}

    def sync_keys(self) -> None:
        """Nothing to do: no keys are kept elsewhere."""

    def list_connections(self) -> Iterator[Any]:
        return iter(())

    def _change(self, **facts: Json) -> None:
        self._facts = self._api.change_facts(facts)

    def __repr__(self) -> str:
        return (
            f"Workspace.create(name='{self.name}', subscription_id='{self.subscription_id}', "
            f"resource_group='{self.resource_group}')"
        )


def _reached(ask: Any) -> Any:
    """What a home or a server answers; why it does not as an exception of the old kind."""
    try:
        return ask()
    except ProblemError as error:
        is_refused = error.problem.code in ("A101", "A103")
        raise from_problem(error, AuthenticationException if is_refused else WorkspaceException) from error


def _checked(name: str | None) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UserErrorException(
            f"Workspace name {name!r} is not valid: 3 to 33 letters, digits, '-' or '_', "
            "beginning with a letter or digit."
        )
    return name


def _not_found(name: str) -> str:
    known = ", ".join(homes.workspace_names())
    have = f"This machine has: {known}." if known else "This machine has none yet."
    return f"Workspace '{name}' was not found. {have} Workspace.create(name='{name}') makes it."
