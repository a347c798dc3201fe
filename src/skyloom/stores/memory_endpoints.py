"""Web services and their endpoints in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection

from skyloom.core.access import secret_digest
from skyloom.core.endpoint import DEFAULT, Endpoint, WebService


class MemoryEndpoints:
    """Endpoints in dictionaries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._services: dict[str, WebService] = {}
        self._endpoints: dict[str, Endpoint] = {}

    def add_service(self, service: WebService, first: Endpoint) -> None:
        with self._lock:
            self._services[service.id] = service
            self._endpoints[first.id] = first

    def change_service(self, service: WebService) -> None:
        with self._lock:
            if service.id in self._services:
                self._services[service.id] = service

    def service(self, service: str) -> WebService | None:
        return self._services.get(service)

    def services(self) -> list[WebService]:
        with self._lock:
            return sorted(self._services.values(), key=lambda one: (one.created_at, one.id))

    def delete_service(self, service: str) -> bool:
        with self._lock:
            self._endpoints = {id: one for id, one in self._endpoints.items() if one.service != service}
            return self._services.pop(service, None) is not None

    def add_endpoint(self, endpoint: Endpoint) -> bool:
        with self._lock:
            if endpoint.service not in self._services or self._named(endpoint.service, endpoint.name):
                return False
            self._endpoints[endpoint.id] = endpoint
            return True

    def change_endpoint(self, endpoint: Endpoint, expects: int) -> bool:
        with self._lock:
            found = self._endpoints.get(endpoint.id)
            if found is None or found.version != expects:
                return False
            self._endpoints[endpoint.id] = endpoint
            return True

    def endpoint(self, service: str, name: str) -> Endpoint | None:
        with self._lock:
            return self._named(service, name)

    def endpoint_by_id(self, endpoint: str) -> Endpoint | None:
        return self._endpoints.get(endpoint)

    def endpoint_by_key(self, digest: str) -> Endpoint | None:
        with self._lock:
            found = list(self._endpoints.values())
        return next(
            (one for one in found if digest in map(secret_digest, (one.primary_key, one.secondary_key))),
            None,
        )

    def endpoints(self, service: str) -> list[Endpoint]:
        with self._lock:
            found = [one for one in self._endpoints.values() if one.service == service]
        return sorted(found, key=lambda one: (one.name != DEFAULT, one.name))

    def delete_endpoint(self, endpoint: str) -> bool:
        with self._lock:
            return self._endpoints.pop(endpoint, None) is not None

    def versions(self, wanted: Collection[str]) -> dict[str, int]:
        with self._lock:
            return {name: self._endpoints[name].version for name in wanted if name in self._endpoints}

    def _named(self, service: str, name: str) -> Endpoint | None:
        return next(
            (one for one in self._endpoints.values() if (one.service, one.name) == (service, name)), None
        )
