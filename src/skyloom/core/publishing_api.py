"""PublishingApi: publications, endpoints, drafts and schedules of a workspace.

``workspace/publishing.py`` carries it out; ``client/publishing.py`` asks an agent to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from skyloom.core.identity import RunId
from skyloom.core.publication import (
    CallRecord,
    PipelineCall,
    PipelineDraft,
    PipelineEndpoint,
    Publication,
    PublishedPipeline,
)
from skyloom.core.schedule import Schedule, Trigger


@runtime_checkable
class PublishingApi(Protocol):
    """The use cases. All may raise ProblemError; ids that lead nowhere give P200, P204, P208, P210."""

    def publish_pipeline(self, publication: Publication) -> PublishedPipeline:
        """Freeze and keep it; every reason why it cannot run (codes G)."""

    def published_pipelines(self, active_only: bool = True) -> list[PublishedPipeline]:
        """Newest first, without their documents."""

    def published_pipeline(self, pipeline: str) -> PublishedPipeline: ...

    def set_pipeline_active(self, pipeline: str, is_active: bool) -> PublishedPipeline: ...

    def call_pipeline(self, pipeline: str, call: PipelineCall) -> RunId:
        """Start a run; the same idempotency key gives the same run (P201 to P203, R018)."""

    def calls(self, pipeline: str = "", schedule: str = "") -> list[CallRecord]:
        """Runs that calls of this pipeline, or of this schedule, became; newest first."""

    def call_of(self, run: RunId) -> CallRecord | None:
        """The call behind a run, if any."""

    def create_pipeline_endpoint(self, name: str, description: str, pipeline: str) -> PipelineEndpoint:
        """An endpoint with that pipeline as version 0 (P205)."""

    def pipeline_endpoints(self, active_only: bool = True) -> list[PipelineEndpoint]:
        """Newest first."""

    def pipeline_endpoint(self, id: str = "", name: str = "") -> PipelineEndpoint: ...

    def change_pipeline_endpoint(self, endpoint: PipelineEndpoint) -> PipelineEndpoint:
        """Keep what was changed since ``endpoint.revision`` (P205, P214)."""

    def call_pipeline_endpoint(self, endpoint: str, version: str | None, call: PipelineCall) -> RunId:
        """Start the pipeline behind a version, by default the default one (P206, P207)."""

    def create_draft(self, draft: PipelineDraft) -> PipelineDraft:
        """The draft with an id; its document is checked (codes G)."""

    def drafts(self) -> list[PipelineDraft]:
        """Newest first, without their documents."""

    def draft(self, id: str) -> PipelineDraft: ...

    def change_draft(self, draft: PipelineDraft) -> PipelineDraft:
        """Keep what was changed since ``draft.revision`` (P214)."""

    def delete_draft(self, id: str) -> None: ...

    def create_schedule(self, schedule: Schedule) -> Schedule:
        """The schedule with an id, from now on in force (P209)."""

    def schedules(
        self, active_only: bool = True, pipeline: str = "", endpoint: str = ""
    ) -> list[Schedule]: ...

    def schedule(self, id: str) -> Schedule: ...

    def change_schedule(self, schedule: Schedule) -> Schedule:
        """Keep what was changed since ``schedule.revision``; its next time is found anew (P209, P214)."""

    def next_times(self, schedule: str, count: int = 5) -> list[str]:
        """When it goes off next, in UTC; nothing while it is disabled (P208)."""

    def run_schedule(self, schedule: str) -> RunId:
        """Start it now, beside its times: a trigger of its own, the schedule stays where it is.

        P208, and what a call of its pipeline may raise.
        """

    def triggers(self, schedule: str, limit: int = 100) -> Sequence[Trigger]:
        """What the schedule did, newest first."""
