"""What the network face needs kept: tokens, sessions, web services, facts. Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from skyloom.core.access import Session, Token
from skyloom.core.audit import AuditEntry
from skyloom.core.blob import BatchJob, BatchStatus, Blob, BlobRef
from skyloom.core.endpoint import Endpoint, WebService


class Facts(Protocol):
    """Single values of a workspace that never change once they are made: its id, its signing key."""

    def keep(self, name: str, value: str) -> str:
        """The value that holds from now on: the first that was kept under the name."""


class Tokens(Protocol):
    """Tokens by id. A change is durable when a method returns."""

    def add(self, token: Token) -> None: ...

    def find(self, token: str) -> Token | None: ...

    def all(self) -> list[Token]:
        """In order of creation, revoked ones included."""

    def revoke(self, token: str, at: str) -> bool:
        """Whether it lived until now; its sessions end with it."""

    def touch(self, token: str, at: str) -> None:
        """Remember that it was used."""


class Sessions(Protocol):
    """Sessions by the digest of their cookie."""

    def add(self, session: Session) -> None: ...

    def find(self, digest: str) -> Session | None: ...

    def remove(self, digest: str) -> bool: ...


class Endpoints(Protocol):
    """Web services and their endpoints. A change is durable when a method returns."""

    def add_service(self, service: WebService, first: Endpoint) -> None:
        """Both or neither."""

    def change_service(self, service: WebService) -> None: ...

    def service(self, service: str) -> WebService | None: ...

    def services(self) -> list[WebService]:
        """In order of creation."""

    def delete_service(self, service: str) -> bool:
        """With all its endpoints; whether it was there."""

    def add_endpoint(self, endpoint: Endpoint) -> bool:
        """False when the service has an endpoint of that name, or is gone."""

    def change_endpoint(self, endpoint: Endpoint, expects: int) -> bool:
        """False when the version that is kept is not the one that was expected."""

    def endpoint(self, service: str, name: str) -> Endpoint | None: ...

    def endpoint_by_id(self, endpoint: str) -> Endpoint | None: ...

    def endpoint_by_key(self, digest: str) -> Endpoint | None:
        """The endpoint one of whose keys has this SHA-256."""

    def endpoints(self, service: str) -> list[Endpoint]:
        """The default endpoint first, the others by name."""

    def delete_endpoint(self, endpoint: str) -> bool: ...

    def versions(self, wanted: Collection[str]) -> dict[str, int]:
        """The version of each that is there."""


class Audit(Protocol):
    """Entries in the order they were added; none is ever changed or removed."""

    def append(self, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
        """The entries in their places behind all that are there, chained; durable when this returns."""

    def entries(self, after: int, limit: int) -> list[AuditEntry]:
        """Those behind the number ``after``."""


class Blobs(Protocol):
    """Blobs by name; their content is kept by digest elsewhere."""

    def put(self, blob: Blob) -> None:
        """Under its name from now on; what was there before is replaced."""

    def find(self, ref: BlobRef) -> Blob | None: ...

    def delete(self, ref: BlobRef) -> bool: ...


class BatchJobs(Protocol):
    """Batch jobs by id."""

    def add(self, job: BatchJob) -> None: ...

    def find(self, job: str) -> BatchJob | None: ...

    def of_endpoint(self, endpoint: str) -> list[BatchJob]:
        """Every job of an endpoint, the newest first."""

    def change(self, job: BatchJob, expects: BatchStatus) -> bool:
        """False when the job is not in the expected status any more."""
