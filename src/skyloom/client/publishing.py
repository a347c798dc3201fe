"""PublishingWorkspace: beside the other use cases, PublishingApi asked of an agent."""

from __future__ import annotations

import json
from collections.abc import Sequence

from skyloom.client.answers import as_items, as_object, as_text, read_all, read_as
from skyloom.client.http import API
from skyloom.client.pipelines import PipelineWorkspace
from skyloom.client.server_place import ServerPlace
from skyloom.core.identity import Json, RunId
from skyloom.core.publication import (
    CallRecord,
    PipelineCall,
    PipelineDraft,
    PipelineEndpoint,
    Publication,
    PublishedPipeline,
)
from skyloom.core.schedule import Schedule, Trigger
from skyloom.core.serialize import to_json

USUAL_ADDRESS = "http://127.0.0.1:8421"  # where 'skyloom up' listens when nothing else is said


class PublishingWorkspace(PipelineWorkspace):
    """Implements all three; safe to share between threads."""

    def address(self) -> str:
        """Scheme, host and port of the workspace's server; empty when its port is closed."""
        if isinstance(self.place, ServerPlace):
            return self.place.url
        try:
            with open(self.place.server_path, encoding="utf-8") as file:
                return str(json.load(file).get("address") or "")
        except (OSError, ValueError, AttributeError):
            return ""

    # --- published pipelines ------------------------------------------------------------------------

    def publish_pipeline(self, publication: Publication) -> PublishedPipeline:
        told = self._agent.send_json("POST", f"{API}/pipelines", body=to_json(publication))
        return read_as(PublishedPipeline, told)

    def published_pipelines(self, active_only: bool = True) -> list[PublishedPipeline]:
        told = self._agent.get_json(f"{API}/pipelines", _all(active_only))
        return read_all(PublishedPipeline, told, "pipelines")

    def published_pipeline(self, pipeline: str) -> PublishedPipeline:
        return read_as(PublishedPipeline, self._agent.get_json(f"{API}/pipelines/{_word(pipeline)}"))

    def set_pipeline_active(self, pipeline: str, is_active: bool) -> PublishedPipeline:
        path = f"{API}/pipelines/{_word(pipeline)}/active"
        return read_as(PublishedPipeline, self._agent.send_json("PUT", path, body={"active": is_active}))

    def call_pipeline(self, pipeline: str, call: PipelineCall) -> RunId:
        return self._start(f"{API}/pipelines/{_word(pipeline)}/runs", None, call)

    def calls(self, pipeline: str = "", schedule: str = "") -> list[CallRecord]:
        query = {"pipeline": pipeline, "schedule": schedule}
        return read_all(CallRecord, self._agent.get_json(f"{API}/pipeline-calls", query), "calls")

    def call_of(self, run: RunId) -> CallRecord | None:
        told = as_object(self._agent.get_json(f"{API}/runs/{run}/call")).get("call")
        return None if told is None else read_as(CallRecord, told)

    # --- endpoints ----------------------------------------------------------------------------------

    def create_pipeline_endpoint(self, name: str, description: str, pipeline: str) -> PipelineEndpoint:
        body: Json = {"name": name, "description": description, "pipeline": pipeline}
        told = self._agent.send_json("POST", f"{API}/pipeline-endpoints", body=body)
        return read_as(PipelineEndpoint, told)

    def pipeline_endpoints(self, active_only: bool = True) -> list[PipelineEndpoint]:
        told = self._agent.get_json(f"{API}/pipeline-endpoints", _all(active_only))
        return read_all(PipelineEndpoint, told, "endpoints")

    def pipeline_endpoint(self, id: str = "", name: str = "") -> PipelineEndpoint:
        told = self._agent.get_json(f"{API}/pipeline-endpoints/one", {"id": id, "name": name})
        return read_as(PipelineEndpoint, told)

    def change_pipeline_endpoint(self, endpoint: PipelineEndpoint) -> PipelineEndpoint:
        told = self._agent.send_json("PUT", f"{API}/pipeline-endpoints", body=to_json(endpoint))
        return read_as(PipelineEndpoint, told)

    def call_pipeline_endpoint(self, endpoint: str, version: str | None, call: PipelineCall) -> RunId:
        return self._start(f"{API}/pipeline-endpoints/{_word(endpoint)}/runs", version, call)

    # --- drafts -------------------------------------------------------------------------------------

    def create_draft(self, draft: PipelineDraft) -> PipelineDraft:
        return read_as(
            PipelineDraft, self._agent.send_json("POST", f"{API}/pipeline-drafts", body=to_json(draft))
        )

    def drafts(self) -> list[PipelineDraft]:
        return read_all(PipelineDraft, self._agent.get_json(f"{API}/pipeline-drafts"), "drafts")

    def draft(self, id: str) -> PipelineDraft:
        return read_as(PipelineDraft, self._agent.get_json(f"{API}/pipeline-drafts/{_word(id)}"))

    def change_draft(self, draft: PipelineDraft) -> PipelineDraft:
        return read_as(
            PipelineDraft, self._agent.send_json("PUT", f"{API}/pipeline-drafts", body=to_json(draft))
        )

    def delete_draft(self, id: str) -> None:
        self._agent.send_json("DELETE", f"{API}/pipeline-drafts/{_word(id)}")

    # --- schedules ----------------------------------------------------------------------------------

    def create_schedule(self, schedule: Schedule) -> Schedule:
        return read_as(Schedule, self._agent.send_json("POST", f"{API}/schedules", body=to_json(schedule)))

    def schedules(self, active_only: bool = True, pipeline: str = "", endpoint: str = "") -> list[Schedule]:
        query = {**_all(active_only), "pipeline": pipeline, "endpoint": endpoint}
        return read_all(Schedule, self._agent.get_json(f"{API}/schedules", query), "schedules")

    def schedule(self, id: str) -> Schedule:
        return read_as(Schedule, self._agent.get_json(f"{API}/schedules/{_word(id)}"))

    def change_schedule(self, schedule: Schedule) -> Schedule:
        return read_as(Schedule, self._agent.send_json("PUT", f"{API}/schedules", body=to_json(schedule)))

    def next_times(self, schedule: str, count: int = 5) -> list[str]:
        told = self._agent.get_json(f"{API}/schedules/{_word(schedule)}/next", {"count": count})
        return [str(one) for one in as_items(told, "times")]

    def run_schedule(self, schedule: str) -> RunId:
        return RunId(as_text(self._agent.send_json("POST", f"{API}/schedules/{_word(schedule)}/runs"), "run"))

    def triggers(self, schedule: str, limit: int = 100) -> Sequence[Trigger]:
        told = self._agent.get_json(f"{API}/schedules/{_word(schedule)}/triggers", {"limit": limit})
        return read_all(Trigger, told, "triggers")

    # --- debugging ----------------------------------------------------------------------------------

    def lay_out_step(self, run: RunId, step: str, folder: str) -> dict[str, Json]:
        """A step in a folder of this machine, ready to be started: folder, launch, python, step."""
        body: Json = {"step": step, "folder": folder}
        return as_object(self._agent.send_json("POST", f"{API}/runs/{run}/debug", body=body, timeout_s=None))

    def _start(self, path: str, version: str | None, call: PipelineCall) -> RunId:
        body = to_json(call)
        assert isinstance(body, dict)
        key = body.pop("idempotency_key", None)
        headers = {"Idempotency-Key": str(key)} if key else {}
        return RunId(as_text(self._agent.send_json("POST", path, {"version": version}, body, headers), "run"))


def _all(active_only: bool) -> dict[str, str | None]:
    return {"all": None if active_only else "true"}


def _word(id: str) -> str:
    """An id as one segment of an address."""
    return id.replace("/", "_") or "-"
