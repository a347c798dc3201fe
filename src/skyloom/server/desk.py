"""Desk: what every route of one agent shares."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from starlette.requests import Request

from skyloom.core.environment_view import EnvironmentsApi
from skyloom.core.identity import Json, RunId
from skyloom.core.pipeline_api import PipelineApi
from skyloom.core.publishing_api import PublishingApi
from skyloom.core.storage_use import StorageApi
from skyloom.core.store_view import ComputesApi, StoresApi
from skyloom.core.table_views import TableViews
from skyloom.engine.ports import ServiceRunner
from skyloom.engine.web_ports import Facts
from skyloom.server.activity import Activity
from skyloom.studio.experiments import Experiments, StudioWorkspace
from skyloom.workspace.access import Access
from skyloom.workspace.audit_trail import AuditTrail
from skyloom.workspace.batch import Batch
from skyloom.workspace.blob_store import BlobStore
from skyloom.workspace.classic_datasets import ClassicDatasets
from skyloom.workspace.diagnostics import Diagnostics
from skyloom.workspace.languages import Languages
from skyloom.workspace.usage_book import UsageBook
from skyloom.workspace.web_services import WebServices


class ServedWorkspace(StudioWorkspace, Protocol):
    """A workspace that an agent can hold open and close again, and that knows who may ask."""

    @property
    def access(self) -> Access: ...

    @property
    def pipelines(self) -> PipelineApi: ...

    @property
    def tables(self) -> TableViews: ...

    @property
    def publishing(self) -> PublishingApi: ...

    @property
    def facts(self) -> Facts: ...

    @property
    def services(self) -> ServiceRunner: ...

    @property
    def web_services(self) -> WebServices: ...

    @property
    def blobs(self) -> BlobStore: ...

    @property
    def classic_datasets(self) -> ClassicDatasets: ...

    @property
    def batch(self) -> Batch: ...

    @property
    def diagnostics(self) -> Diagnostics: ...

    @property
    def audit(self) -> AuditTrail: ...

    @property
    def languages(self) -> Languages: ...

    @property
    def usage(self) -> UsageBook: ...

    @property
    def storage(self) -> StorageApi: ...

    @property
    def stores(self) -> StoresApi: ...

    @property
    def computes(self) -> ComputesApi: ...

    @property
    def environments(self) -> EnvironmentsApi: ...

    def lay_out_step(self, run: RunId, step: str, folder: str) -> dict[str, Json]: ...

    def is_idle(self) -> bool: ...

    def close(self, grace_s: float = 0.0) -> None: ...


@dataclass(frozen=True)
class Caps:
    """The most that a request may bring, and a caller may ask. Source: reliability.md 4.1, rows 5, 8.

    Submissions a minute are more than row 8 says: two hundred calls of a pipeline at once are usual.
    """

    json_bytes: int = 10 * 1024 * 1024
    upload_bytes: int = 1024**3
    sign_ins_per_minute: int = 5  # of an address, and with one token
    submits_per_minute: int = 600  # of a token
    runs_at_once: int = 1000  # of a token, that have not ended
    requests_at_once: int = 512  # scoring has limits of its own


@dataclass(frozen=True)
class Desk:
    """The workspace served, where its agent lives, and what is going on."""

    workspace: ServedWorkspace
    home: Path
    caps: Caps = Caps()
    activity: Activity = field(default_factory=Activity)

    @cached_property
    def workspace_id(self) -> str:
        """32 hexadecimal digits that stay (services.md 0)."""
        return self.workspace.facts.keep("workspace id", secrets.token_hex(16))

    @cached_property
    def experiments(self) -> Experiments:
        """The use cases of experiments over the same workspace."""
        return Experiments(self.workspace)


def desk_of(request: Request) -> Desk:
    found = request.app.state.desk
    assert isinstance(found, Desk)
    return found
