"""Diagnostics: what an endpoint's trace level asks to be written down, one blob each (services.md 1.5).

``ml-diagnostics/{workspace}-{service}-{endpoint}/`` and then ``score/requests``, ``score/init`` or ``batch``.
Off by default. A blob tells when, how long, and how it ended, with the documented codes; it never holds a
body, a cell or a message, which may repeat cells. Callers do not wait: what comes faster than blobs can be
written is dropped and counted.
"""

from __future__ import annotations

import io
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Literal

from skyloom.core.blob import BlobRef
from skyloom.core.endpoint import Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError
from skyloom.engine.ports import utc_now
from skyloom.workspace.blob_store import BlobStore
from skyloom.workspace.write_behind import WriteBehind

CONTAINER = "ml-diagnostics"
MOST_WAITING = 1000
Kind = Literal["score/requests", "score/init", "batch"]
_log = logging.getLogger("skyloom.diagnostics")
_Item = tuple[BlobRef, bytes]


class Diagnostics:
    """Writes behind the calls that it tells of."""

    def __init__(self, blobs: BlobStore, workspace_id: Callable[[], str]) -> None:
        self._blobs = blobs
        self._workspace_id = workspace_id
        self._behind = WriteBehind("diagnostics", self._write, most_waiting=MOST_WAITING)
        self.dropped = 0

    def note(
        self, endpoint: Endpoint, kind: Kind, is_fault: bool, told: Mapping[str, Json], number: str = ""
    ) -> None:
        """Write it down if the endpoint's trace level asks for it; returns at once."""
        level = endpoint.trace_level
        if level == "None" or (level == "Error" and not is_fault):
            return
        at = utc_now()
        number = number or secrets.token_hex(8)
        place = f"{self._workspace_id()}-{endpoint.service}-{endpoint.name}"
        ref = BlobRef(CONTAINER, f"{place}/{kind}/{at[:10]}/{at[11:].replace(':', '-')}-{number}.json")
        content = json.dumps({"at": at, "id": number, "is_fault": is_fault, **told}).encode()
        if not self._behind.note((ref, content)):
            self.dropped += 1

    def note_opening(self, endpoint: Endpoint, error: ProblemError | None) -> None:
        """Workers of the endpoint were started, or could not be."""
        told: dict[str, Json] = {"version": endpoint.version}
        if error is not None:
            told["codes"] = [problem.code for problem in error.problems]
        self.note(endpoint, "score/init", error is not None, told)

    def flush(self) -> None:
        """Return when all that was noted is written."""
        self._behind.flush()

    def close(self) -> None:
        """Write what waits and end."""
        self._behind.close()

    def _write(self, items: list[_Item]) -> None:
        for ref, content in items:
            try:
                self._blobs.put(ref, io.BytesIO(content), "application/json")
            except (ProblemError, OSError) as error:
                _log.error("a diagnostics blob could not be written: %s", error)


def fault_codes(body: bytes) -> Json:
    """The codes of a classic error body: the error's, and those of its details. No texts."""
    try:
        error = json.loads(body)["error"]
        return [error["code"], *(detail["code"] for detail in error["details"])]
    except (ValueError, LookupError, TypeError):
        return []
