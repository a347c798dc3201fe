"""Registry: numbered versions of named things that a workspace keeps: models, modules of pipelines.

``workspace/registry.py`` keeps them; ``client/pipelines.py`` asks an agent to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from skyloom.core.identity import Digest, Json

KIND = re.compile(r"[a-z]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """One version of a thing. ``content`` is kept as long as the entry is."""

    kind: str
    name: str
    version: int  # from 1 on; a number is not given twice
    body: Mapping[str, Json] = field(default_factory=dict)
    content: tuple[Digest, ...] = ()
    created_at: str = ""


class RegistryApi(Protocol):
    """The use cases. Every method may raise ProblemError: P281 for a kind that is none, P282 for no entry."""

    def entries(self, kind: str, name: str | None = None) -> list[Entry]:
        """All versions of all names, or of one, the newest last."""

    def add_entry(
        self, kind: str, name: str, body: Mapping[str, Json], content: Sequence[Digest] = ()
    ) -> Entry:
        """Keep the next version."""

    def change_entry(self, kind: str, name: str, version: int, body: Mapping[str, Json]) -> Entry:
        """Put these facts into a version's body."""

    def remove_entry(self, kind: str, name: str, version: int) -> None:
        """Forget a version; its content goes when nothing else needs it."""
