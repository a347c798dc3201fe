"""Documents: small JSON values that are kept for good. The Protocol; stores/ has the implementations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from skyloom.core.document import Document
from skyloom.core.identity import Digest


class Documents(Protocol):
    """Documents by kind and id. A change is durable when a method returns."""

    def add(self, document: Document, uses: Collection[Digest] = ()) -> bool:
        """False when its id or its label is taken. ``uses`` names content that is never swept from now on."""

    def find(self, kind: str, id: str) -> Document | None: ...

    def labelled(self, kind: str, label: str) -> Document | None: ...

    def all(self, kind: str, parent: str | None = None, newest: int | None = None) -> list[Document]:
        """In order of making; with ``newest`` only so many, the newest first."""

    def change(self, document: Document, expects: int, uses: Collection[Digest] = ()) -> bool:
        """Keep it as revision ``expects + 1``; False when another one is kept, or the label is taken."""

    def remove(self, kind: str, id: str) -> bool: ...
