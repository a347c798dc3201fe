"""A dataset's definition: where its files are, how they read, what is taken of them; lazy, in plain JSON.

``kind``
    ``file`` or ``tabular``.
``sources``
    A list of ``{"datastore", "path"}`` (the path may have ``*``, ``**`` and ``?``) and ``{"url"}``.
``reading``
    Of a table: ``format`` (delimited, parquet, json_lines, sql) and what that format asks for.
``partition_format``
    A pattern such as ``{state}/{date:yyyy/MM/dd}/data.csv`` that makes columns of paths.
``steps``
    A list of lists: an operation's name and its arguments, in order.

Also runs inside boxes (Python 3.8 and up). Source: sdk.md 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from skyloom.core.identity import Json, digest_of

FORMATS = ("delimited", "parquet", "json_lines", "sql")
STEPS = ("take", "skip", "sample", "split", "keep", "drop", "filter")
GLOB = "*?["


def definition_id(definition: Mapping[str, Any]) -> str:
    """A GUID that follows from what the definition says: the same definition is the same dataset."""
    text = digest_of(dict(definition))[7:]
    text = text[:12] + "8" + text[13:16] + "a" + text[17:32]  # RFC 9562, version 8
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def definition_faults(definition: Mapping[str, Any]) -> Iterator[str]:
    """Each reason why a definition makes no sense, in words."""
    kind = definition.get("kind")
    if kind not in ("file", "tabular"):
        yield f"A dataset is of kind file or tabular, not {kind!r}."
    reading = definition.get("reading")
    if kind == "tabular" and (not isinstance(reading, dict) or reading.get("format") not in FORMATS):
        yield f"A table reads in one of the formats {', '.join(FORMATS)}."
    sources = definition.get("sources")
    if not isinstance(sources, list) or not sources:
        yield "A dataset needs at least one source."
    for source in sources if isinstance(sources, list) else ():
        is_place = isinstance(source, dict) and ("url" in source or "datastore" in source)
        if not is_place or not all(isinstance(value, str) and "\0" not in value for value in source.values()):
            yield "A source is a place of a datastore or a web address, in text."
    if not isinstance(definition.get("partition_format", ""), str):
        yield "A partition format is text."
    steps = definition.get("steps") or []
    for step in steps if isinstance(steps, list) else [steps]:
        if not _is_step(step):
            yield f"{step!r:.80} is nothing that can be done with a dataset."


def _is_step(step: Any) -> bool:
    """Whether an operation is known and has what it needs; columns and conditions are looked at when done."""
    if not isinstance(step, list) or not step or step[0] not in STEPS:
        return False
    numbers = {"take": 1, "skip": 1, "sample": 2, "split": 3}.get(step[0])
    if numbers is None:
        return len(step) == 2
    return len(step) == numbers + 1 and all(
        isinstance(one, (int, float)) and not isinstance(one, bool) for one in step[1:]
    )


def with_step(definition: Mapping[str, Any], *step: Any) -> dict[str, Any]:
    """The definition with one more operation behind the others."""
    steps: list[Json] = [*(definition.get("steps") or ()), list(step)]
    return {**definition, "steps": steps}


def fixed_part(path: str) -> str:
    """The folder in front of the first pattern; the path itself where there is none.

    >>> fixed_part("a/b-*/c.csv"), fixed_part("a/b.csv"), fixed_part("*.csv")
    ('a', 'a/b.csv', '')
    """
    parts = path.strip("/").split("/")
    for place, part in enumerate(parts):
        if any(letter in part for letter in GLOB):
            return "/".join(parts[:place])
    return "/".join(parts)
