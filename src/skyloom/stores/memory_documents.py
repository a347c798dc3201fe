"""Documents in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace

from skyloom.core.document import Document
from skyloom.core.identity import Digest


class MemoryDocuments:
    """Documents in a dictionary, which keeps the order of making."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Document] = {}
        self._lock = threading.Lock()

    def add(self, document: Document, uses: Collection[Digest] = ()) -> bool:
        key = document.kind, document.id
        with self._lock:
            if key in self._kept or self._is_taken(document):
                return False
            self._kept[key] = document
            return True

    def find(self, kind: str, id: str) -> Document | None:
        return self._kept.get((kind, id))

    def labelled(self, kind: str, label: str) -> Document | None:
        return next((one for one in self._of(kind) if one.label == label), None)

    def all(self, kind: str, parent: str | None = None, newest: int | None = None) -> list[Document]:
        found = [one for one in self._of(kind) if parent in (None, one.parent)]
        return found if newest is None else found[::-1][:newest]

    def change(self, document: Document, expects: int, uses: Collection[Digest] = ()) -> bool:
        key = document.kind, document.id
        with self._lock:
            known = self._kept.get(key)
            if known is None or known.revision != expects or self._is_taken(document):
                return False
            self._kept[key] = replace(document, revision=expects + 1)
            return True

    def remove(self, kind: str, id: str) -> bool:
        with self._lock:
            return self._kept.pop((kind, id), None) is not None

    def _of(self, kind: str) -> list[Document]:
        return [one for one in list(self._kept.values()) if one.kind == kind]

    def _is_taken(self, document: Document) -> bool:
        """Whether another one has its label."""
        if document.label is None:
            return False
        holder = self.labelled(document.kind, document.label)
        return holder is not None and holder.id != document.id
