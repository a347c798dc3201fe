"""Registry: one small file a kind. Implements RegistryApi."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skyloom.core.identity import Digest, Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.registry import KIND, Entry
from skyloom.core.serialize import from_json, to_json
from skyloom.engine.ports import utc_now
from skyloom.stores.small_files import SmallFiles

_FOLDER = "registry"


@dataclass(frozen=True)
class _Book:
    """The entries of a kind, and the last number that each name was given."""

    entries: tuple[Entry, ...] = ()
    last: Mapping[str, int] = field(default_factory=dict)


class Registry:
    """One workspace's; safe to share between threads, and between agents where the small files are."""

    def __init__(self, files: SmallFiles) -> None:
        self._small_files = files

    def entries(self, kind: str, name: str | None = None) -> list[Entry]:
        found = self._read(kind).entries
        return sorted(
            (entry for entry in found if name in (None, entry.name)), key=lambda one: (one.name, one.version)
        )

    def add_entry(
        self, kind: str, name: str, body: Mapping[str, Json], content: Sequence[Digest] = ()
    ) -> Entry:
        def add(book: _Book) -> _Book:
            number = book.last.get(name, 0) + 1
            entry = Entry(kind, name, number, dict(body), tuple(content), utc_now())
            return _Book((*book.entries, entry), {**book.last, name: number})

        return self._change(kind, add).entries[-1]

    def change_entry(self, kind: str, name: str, version: int, body: Mapping[str, Json]) -> Entry:
        def change(book: _Book) -> _Book:
            before = _found(book, kind, name, version)
            after = replace(before, body={**before.body, **body})
            return replace(book, entries=tuple(after if entry is before else entry for entry in book.entries))

        return _found(self._change(kind, change), kind, name, version)

    def remove_entry(self, kind: str, name: str, version: int) -> None:
        def remove(book: _Book) -> _Book:
            gone = _found(book, kind, name, version)
            return replace(book, entries=tuple(entry for entry in book.entries if entry is not gone))

        self._change(kind, remove)

    def content_in_use(self) -> set[Digest]:
        """Digest of everything that an entry keeps."""
        kinds = (name.rpartition("/")[2] for name in self._small_files.names(_FOLDER))
        return {digest for kind in kinds for entry in self._read(kind).entries for digest in entry.content}

    def _read(self, kind: str) -> _Book:
        return _book(self._small_files.read(_file(kind)))

    def _change(self, kind: str, change: Callable[[_Book], _Book]) -> _Book:
        return _book(self._small_files.change(_file(kind), lambda kept: _as_json(change(_book(kept)))))


def _file(kind: str) -> str:
    if not KIND.fullmatch(kind):
        what = f"{kind!r:.60} is no kind of registered thing."
        raise ProblemError(Problem("P281", what, "kind", "Kinds are small letters, such as 'models'."))
    return f"{_FOLDER}/{kind}"


def _book(kept: dict[str, Json]) -> _Book:
    return from_json(_Book, kept) if kept else _Book()


def _as_json(book: _Book) -> dict[str, Json]:
    kept = to_json(book)
    assert isinstance(kept, dict)
    return kept


def _found(book: _Book, kind: str, name: str, version: int) -> Entry:
    for entry in book.entries:
        if (entry.name, entry.version) == (name, version):
            return entry
    have = ", ".join(_labels(book, name)) or "none of that name"
    what = f"There is no version {version} of '{name}' among the {kind}."
    raise ProblemError(Problem("P282", what, name, f"There is: {have}."))


def _labels(book: _Book, name: str) -> Iterator[str]:
    return (f"{entry.name}:{entry.version}" for entry in book.entries if entry.name == name)
