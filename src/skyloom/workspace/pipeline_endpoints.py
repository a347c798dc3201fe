"""Pipeline endpoints: one address, and versions of pipelines behind it. Source: sdk.md 14."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from skyloom.core.identity import RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.publication import EndpointVersion, PipelineCall, PipelineEndpoint
from skyloom.workspace.kept import Kept
from skyloom.workspace.published_pipelines import PublishedPipelines, changed_meanwhile


class PipelineEndpoints(PublishedPipelines):
    """Those of one workspace, beside its published pipelines."""

    def __init__(self, *rooms: Any, **more: Any) -> None:
        super().__init__(*rooms, **more)
        self._endpoints = Kept(
            self._documents, "pipeline endpoint", PipelineEndpoint, label=lambda endpoint: endpoint.name
        )

    def create_pipeline_endpoint(self, name: str, description: str, pipeline: str) -> PipelineEndpoint:
        self.published_pipeline(pipeline)
        now = self._now()
        versions = (EndpointVersion("0", pipeline),)
        made = PipelineEndpoint(
            str(uuid.uuid4()), name, description, versions, created_at=now, changed_at=now
        )
        if not name or not self._endpoints.add(made):
            raise _taken(name)
        return made

    def pipeline_endpoints(self, active_only: bool = True) -> list[PipelineEndpoint]:
        return [one for one in reversed(self._endpoints.all()) if one.is_active or not active_only]

    def pipeline_endpoint(self, id: str = "", name: str = "") -> PipelineEndpoint:
        found = self._endpoints.find(id) if id else self._endpoints.labelled(name)
        if found is None:
            what = f"There is no pipeline endpoint '{id or name}'."
            raise ProblemError(Problem("P204", what, id or name, "List the endpoints of the workspace."))
        return found

    def change_pipeline_endpoint(self, endpoint: PipelineEndpoint) -> PipelineEndpoint:
        kept = self.pipeline_endpoint(endpoint.id)
        if endpoint.pipeline_of() is None:
            raise _no_version(endpoint, endpoint.default_version)
        for version in endpoint.versions:
            self.published_pipeline(version.pipeline)
        changed = replace(endpoint, created_at=kept.created_at, changed_at=self._now())
        if not self._endpoints.change(changed, endpoint.revision):
            holder = self._endpoints.labelled(endpoint.name)
            raise _taken(endpoint.name) if holder and holder.id != kept.id else changed_meanwhile(kept.name)
        return replace(changed, revision=endpoint.revision + 1)

    def call_pipeline_endpoint(self, endpoint: str, version: str | None, call: PipelineCall) -> RunId:
        found = self.pipeline_endpoint(endpoint)
        if not found.is_active:
            what = f"The pipeline endpoint '{found.name}' is disabled."
            raise ProblemError(Problem("P206", what, found.id, "Enable it first."))
        pipeline = found.pipeline_of(version)
        if pipeline is None:
            raise _no_version(found, str(version))
        return self._start(self.published_pipeline(pipeline), call, found.id)


def _taken(name: str) -> ProblemError:
    what = f"There is a pipeline endpoint '{name}' already." if name else "A pipeline endpoint needs a name."
    return ProblemError(Problem("P205", what, "name", "Choose another name, or add a version to that one."))


def _no_version(endpoint: PipelineEndpoint, version: str) -> ProblemError:
    known = ", ".join(one.version for one in endpoint.versions) or "none"
    what = f"The pipeline endpoint '{endpoint.name}' has no version '{version}'."
    return ProblemError(Problem("P207", what, endpoint.id, f"It has: {known}."))
