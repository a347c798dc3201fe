"""Kept: values of one kind as documents of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Generic, TypeVar

from skyloom.core.document import Document
from skyloom.core.identity import Digest, Json
from skyloom.core.serialize import from_json, to_json
from skyloom.engine.document_ports import Documents

T = TypeVar("T")


class Kept(Generic[T]):
    """Values of a dataclass that has ``id``; a field ``revision`` says which state of it was read.

    Parameters
    ----------
    label, parent
        What of a value nobody else of the kind may have, and what groups it.
    """

    def __init__(
        self,
        documents: Documents,
        kind: str,
        type: type[T],
        label: Callable[[T], str | None] = lambda value: None,
        parent: Callable[[T], str] = lambda value: "",
    ) -> None:
        self._documents = documents
        self._kind = kind
        self._type = type
        self._label = label
        self._parent = parent

    def add(self, value: T, uses: Collection[Digest] = ()) -> bool:
        """False when its id or its label is taken."""
        return self._documents.add(self._document(value), uses)

    def find(self, id: str) -> T | None:
        found = self._documents.find(self._kind, id)
        return None if found is None else self._value(found)

    def labelled(self, label: str) -> T | None:
        found = self._documents.labelled(self._kind, label)
        return None if found is None else self._value(found)

    def all(self, parent: str | None = None, newest: int | None = None) -> list[T]:
        return [self._value(one) for one in self._documents.all(self._kind, parent, newest)]

    def change(self, value: T, expects: int, uses: Collection[Digest] = ()) -> bool:
        return self._documents.change(self._document(value), expects, uses)

    def remove(self, id: str) -> bool:
        return self._documents.remove(self._kind, id)

    def _document(self, value: T) -> Document:
        body = to_json(value)
        assert isinstance(body, dict)
        body.pop("revision", None)
        id = str(body["id"])
        return Document(self._kind, id, body, self._parent(value), self._label(value))

    def _value(self, document: Document) -> T:
        body: dict[str, Json] = dict(document.body)
        value: Any = from_json(self._type, body)
        if hasattr(value, "revision"):
            value = replace(value, revision=document.revision)
        found: T = value
        return found
