"""WebServicesApi: the use cases of web services, beside those of workspace_api.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from skyloom.core.artifact import Artifact
from skyloom.core.endpoint import Endpoint, ThrottleLevel, TraceLevel, WebService
from skyloom.core.identity import Json
from skyloom.core.service import ServiceColumn


@dataclass(frozen=True)
class Publication:
    """What is to be published: the graph of a run, or a graph document.

    With ``service`` an id, that service gets the graph as its default endpoint's; address and keys stay.
    An id that is not known yet becomes the new service's (services.md 1.5).
    """

    name: str = ""
    run: str = ""
    document: Json = None
    service: str = ""
    description: str = ""
    environment: str | None = None
    schemas: Mapping[str, tuple[ServiceColumn, ...]] = field(default_factory=dict)
    new_port_names: bool = False  # input1, input2, ..., output1, ... in place of the graph's own


@dataclass(frozen=True)
class EndpointWish:
    """How an endpoint is to be; None leaves a value as it is."""

    description: str | None = None
    throttle_level: ThrottleLevel | None = None
    max_concurrent_calls: int | None = None
    prevent_update: bool | None = None
    trace_level: TraceLevel | None = None


class WebServicesApi(Protocol):
    """W110 and W111 where an id or a name leads nowhere."""

    def publish(self, wish: Publication) -> tuple[WebService, Endpoint]:
        """The service and its default endpoint; it answers when this returns."""

    def services(self) -> list[WebService]: ...

    def service(self, service: str) -> WebService: ...

    def delete_service(self, service: str) -> None: ...

    def endpoints(self, service: str) -> list[Endpoint]:
        """The default endpoint first."""

    def endpoint(self, service: str, name: str) -> Endpoint: ...

    def endpoint_by_id(self, endpoint: str) -> Endpoint: ...

    def put_endpoint(self, service: str, name: str, wish: EndpointWish) -> Endpoint:
        """Made with the graph of the default endpoint, or changed."""

    def delete_endpoint(self, service: str, name: str) -> None: ...

    def patch_endpoint(self, service: str, name: str, resources: Mapping[str, Artifact]) -> Endpoint:
        """Resources by name replaced: the way a model is retrained."""

    def refresh_endpoint(self, service: str, name: str, overwrite_resources: bool) -> Endpoint | None:
        """The graph of the default endpoint taken over; None when that changed nothing."""

    def regenerate_key(self, service: str, name: str, which: str) -> Endpoint: ...
