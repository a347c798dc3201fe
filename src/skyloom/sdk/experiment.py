"""Experiment: a name under which runs are kept. Source: sdk.md 10."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.run import Run
    from skyloom.sdk.workspace import Workspace

_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,254}")


class Experiment:
    """An experiment by name; it is there as soon as it has a run."""

    def __init__(self, workspace: Workspace, name: str, **_: Any) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise UserErrorException(
                f"Experiment name {name!r} is not valid: up to 255 letters, digits, '-' or '_', "
                "beginning with a letter or digit."
            )
        self._settle(workspace, name)

    def _settle(self, workspace: Workspace, name: str) -> None:
        self.workspace = self.workspace_object = workspace
        self.name = self.id = name
        self.tags: dict[str, str] = {}

    @classmethod
    def _of(cls, workspace: Workspace, name: str) -> Experiment:
        """One that has runs: those of the page are named more freely than SDK v1 allows."""
        made = cls.__new__(cls)
        made._settle(workspace, name)
        return made

    def submit(self, config: Any, tags: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
        """Start a run.

        Parameters
        ----------
        config
            A Pipeline, a ScriptRunConfig, an Estimator, a HyperDriveConfig.
        tags
            Kept on the run.
        kwargs
            continue_on_step_failure, regenerate_outputs, pipeline_parameters, display_name ...

        Raises
        ------
        UserErrorException
            It is nothing that can be submitted.
        """
        if not getattr(config, "is_submittable", False):
            refuse(
                f"Experiment.submit of a {type(config).__name__}",
                "Submit a Pipeline, a ScriptRunConfig, an Estimator or a HyperDriveConfig.",
            )
        if "pipeline_params" in kwargs:
            kwargs.setdefault("pipeline_parameters", kwargs.pop("pipeline_params"))
        submit_to = getattr(config, "_submit_to", None)
        if submit_to is None:
            return config.submit(self.name, tags=tags, **kwargs)
        return submit_to(self, tags=tags, **kwargs)

    def start_logging(
        self,
        outputs: str | None = None,
        snapshot_directory: str | None = ".",
        display_name: str | None = None,
        *_: Any,
        **__: Any,
    ) -> Any:
        """A run that this program logs to until it calls ``complete``; recorded when it ends."""
        return self.workspace._interactive_run(self, outputs, display_name)

    def get_runs(
        self,
        type: str | None = None,
        tags: Any = None,
        properties: Any = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Runs of this experiment, newest first."""
        from skyloom.sdk.run import list_runs

        return list_runs(self, tags, properties, include_children)

    @staticmethod
    def list(
        workspace: Workspace, experiment_name: str | None = None, view_type: Any = None, tags: Any = None
    ) -> list[Experiment]:
        """Those that have runs; ``view_type`` is ActiveOnly (the default), ArchivedOnly or All."""
        view = getattr(view_type, "value", view_type) or "ActiveOnly"
        archived = _archived(workspace)
        return [
            one
            for name, one in workspace.experiments.items()
            if experiment_name in (None, name)
            and (view == "All" or (name in archived) == (view == "ArchivedOnly"))
        ]

    @staticmethod
    def delete(workspace: Workspace, experiment_id: str) -> None:
        """Delete every run of an experiment, and so the experiment; refused while one of them goes on."""
        try:
            while page := workspace._api.runs(100, None, experiment_id):
                for summary in page:
                    workspace._api.delete_run(summary.id)
        except ProblemError as error:
            raise from_problem(error) from error
        Experiment(workspace, experiment_id).reactivate()

    @property
    def archived_time(self) -> str | None:
        """When it was archived; None for an active one."""
        found = _archived(self.workspace).get(self.name)
        return None if found is None else str(found)

    def archive(self) -> None:
        """Leave it out of lists; its runs stay and are found by their ids."""
        known = _archived(self.workspace)
        known.setdefault(self.name, datetime.now(UTC).isoformat(timespec="seconds"))
        self.workspace._change(archived_experiments=known)

    def reactivate(self, new_name: str | None = None) -> None:
        """Put it back into lists, under its own name."""
        known = _archived(self.workspace)
        if known.pop(self.name, None) is not None:
            self.workspace._change(archived_experiments=known)

    def refresh(self) -> None:
        """Everything is looked up when it is asked for."""

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        self.tags.update({str(key): str(value) for key, value in tags.items()})

    def get_portal_url(self) -> str:
        return f"skyloom:local/experiments/{self.name}"

    def __repr__(self) -> str:
        return f"Experiment(Name: {self.name},\nWorkspace: {self.workspace.name})"


def _archived(workspace: Workspace) -> dict[str, Json]:
    """Archived experiments by name, with the time."""
    found = workspace._api.facts().get("archived_experiments")
    return dict(found) if isinstance(found, dict) else {}
