"""The JSON footer of a table file: made by a box, so hostile until its arithmetic is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Collection, Dict, Mapping, Optional, Sequence, Tuple

from skyloom.core.identity import Digest, Json, canonical_json, digest_of
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ENCODINGS, TYPES, UNITS, ColumnAttributes
from skyloom.data.layout import ALIGNMENT, PAGE, Layout, is_consistent, span
from skyloom.data.names import MAX_NAME_LENGTH, is_text

FORMAT = 1
MAX_COLUMNS = 100_000  # 2**16 hashed features and room beside them
MAX_ROWS = 2**40
MAX_CELLS = 2**36  # five hundred gigabytes of numbers
_COLUMN_KEYS = {
    "name", "type", "unit", "time_zone", "encoding", "ordered", "underlying", "is_feature", "label_role",
    "score_role", "categories", "segment",
}  # fmt: skip
_NESTED_KEYS = {"type", "unit", "time_zone", "encoding", "rows"}
_ROLE_LENGTH = 1000


@dataclass(frozen=True)
class Segment:
    """Where one column's bytes lie: ``file`` None is the file that the footer belongs to."""

    layout: Layout
    offset: int
    file: Optional[Digest] = None
    digest: Optional[Digest] = None  # sha256 of the bytes from ``offset`` to ``end``; None until sealed

    @property
    def end(self) -> int:
        return self.offset + span(self.layout.flat_buffers)


@dataclass(frozen=True)
class FooterColumn:
    """One column as a footer tells of it; ``categories`` are the attributes of the nested column."""

    attributes: ColumnAttributes
    categories: Optional[ColumnAttributes]
    segment: Segment


@dataclass(frozen=True)
class Footer:
    """A footer whose every number has been checked."""

    rows: int
    columns: Tuple[FooterColumn, ...]
    extras: Mapping[str, Json]

    @property
    def own(self) -> Tuple[Segment, ...]:
        """The segments that lie in the footer's own file."""
        return tuple(column.segment for column in self.columns if column.segment.file is None)

    @property
    def own_end(self) -> int:
        """Where the last of them ends."""
        return max((segment.end for segment in self.own), default=0)

    @property
    def references(self) -> Tuple[Digest, ...]:
        """Digests of the further files that hold columns of this table, each once, in column order."""
        files = (column.segment.file for column in self.columns)
        return tuple(dict.fromkeys(file for file in files if file is not None))


def check_footer(footer: object, size_of_file: int, files: Collection[str]) -> Footer:
    """Read a footer that a box wrote; nothing in it is believed.

    Parameters
    ----------
    footer
        Parsed JSON.
    size_of_file
        Bytes in the file before any footer: segments must end there or earlier.
    files
        Digests of the files that columns may lie in.

    Raises
    ------
    ProblemError
        D020 with the first thing that is wrong.
    """
    body = _mapping(footer, "footer", {"format", "rows", "columns", "extras"})
    if body.get("format") != FORMAT:
        raise _fault(f"format {body.get('format')!r:.40} is not {FORMAT}")
    rows = _count(body.get("rows"), "rows", MAX_ROWS)
    listed = body.get("columns")
    if not isinstance(listed, list) or len(listed) > MAX_COLUMNS:
        raise _fault(f"columns are not a list of at most {MAX_COLUMNS:,}")
    if rows * len(listed) > MAX_CELLS:
        raise _fault(f"{rows:,} rows of {len(listed):,} columns are more than {MAX_CELLS:,} cells")
    columns = tuple(_column(value, rows, files) for value in listed)
    if len({column.attributes.name for column in columns}) != len(columns):
        raise _fault("two columns have one name")
    extras = body.get("extras", {})
    if not isinstance(extras, dict):
        raise _fault("extras are not an object")
    try:
        canonical_json(extras).encode()
    except (ValueError, RecursionError) as error:
        raise _fault(f"extras are not plain JSON ({type(error).__name__})") from error
    checked = Footer(rows, columns, extras)
    _check_places(checked.own, size_of_file)
    return checked


def footer_json(footer: Footer) -> Dict[str, Json]:
    """The JSON form of a footer."""
    return {
        "format": FORMAT,
        "rows": footer.rows,
        "columns": [column_json(column) for column in footer.columns],
        "extras": dict(footer.extras),
    }


def column_json(column: FooterColumn) -> Dict[str, Json]:
    """The JSON form of one column of a footer."""
    segment = column.segment
    place: Dict[str, Json] = {"offset": segment.offset, "buffers": list(segment.layout.flat_buffers)}
    if segment.file is not None:
        place["file"] = segment.file
    if segment.digest is not None:
        place["digest"] = segment.digest
    value: Dict[str, Json] = {**column.attributes.as_json(), "segment": place}
    if column.categories is not None and segment.layout.categories is not None:
        value["categories"] = {**_nested_json(column.categories), "rows": segment.layout.categories.rows}
    return value


def content_digest(footer: Footer) -> Digest:
    """Digest of the table: schema, row count and segment digests, wherever the segments lie."""
    columns = []
    for column in footer.columns:
        segment = column.segment
        logical: Json = {"buffers": list(segment.layout.flat_buffers), "digest": segment.digest}
        columns.append({**column_json(column), "segment": logical})
    return digest_of({"rows": footer.rows, "columns": columns, "extras": dict(footer.extras)})


def _nested_json(attributes: ColumnAttributes) -> Dict[str, Json]:
    return {key: value for key, value in attributes.as_json().items() if key != "name"}


def _column(value: object, rows: int, files: Collection[str]) -> FooterColumn:
    body = _mapping(value, "column", _COLUMN_KEYS)
    attributes = _attributes(body, _name(body.get("name")))
    place = _mapping(body.get("segment"), "segment", {"offset", "buffers", "file", "digest"})
    lengths = place.get("buffers")
    if not isinstance(lengths, list) or not 1 <= len(lengths) <= 4:
        raise _fault("buffers are not a list of one to four lengths")
    counts = tuple(_count(length, "buffer", 2**60) for length in lengths)
    categories = None
    if attributes.type == "Categorical":
        nested = _mapping(body.get("categories"), "categories", _NESTED_KEYS)
        categories = _attributes(nested, "")
        if attributes.underlying != categories.type:
            raise _fault(f"underlying {attributes.underlying!r:.40} is not the type of the categories")
        nested_layout = Layout(
            categories.type,
            _count(nested.get("rows"), "rows of categories", 2**31 - 1),
            counts[1:],
            categories.encoding,
        )
        layout = Layout("Categorical", rows, counts[:1], None, nested_layout)
    elif "categories" in body:
        raise _fault(f"a {attributes.type} column has categories")
    else:
        layout = Layout(attributes.type, rows, counts, attributes.encoding)
    if not is_consistent(layout):
        raise _fault(f"buffers {list(counts)} do not fit {rows} rows of {attributes.type}")
    file = place.get("file")
    if file is not None and (not isinstance(file, str) or file not in files):
        raise _fault(f"file {file!r:.80} is none of the node's inputs")
    digest = place.get("digest")
    if digest is not None and not isinstance(digest, str):
        raise _fault("a segment's digest is not text")
    offset = _count(place.get("offset"), "offset", 2**60)
    if offset % ALIGNMENT:
        raise _fault(f"offset {offset} is not aligned")
    return FooterColumn(attributes, categories, Segment(layout, offset, _digest(file), _digest(digest)))


def _attributes(body: Mapping[str, Any], name: str) -> ColumnAttributes:
    kind, unit, zone, encoding = (body.get(key) for key in ("type", "unit", "time_zone", "encoding"))
    if kind not in TYPES:
        raise _fault(f"type {kind!r:.40} is not one of {', '.join(TYPES)}")
    if (unit in UNITS) != (kind in ("DateTime", "TimeSpan")) or (unit is not None and unit not in UNITS):
        raise _fault(f"unit {unit!r:.40} does not suit {kind}")
    if (encoding in ENCODINGS) != (kind == "Object") or (encoding is not None and encoding not in ENCODINGS):
        raise _fault(f"encoding {encoding!r:.40} does not suit {kind}")
    if zone is not None and (kind != "DateTime" or not is_text(zone) or len(zone) > 100):
        raise _fault(f"time zone {zone!r:.40} does not suit {kind}")
    if body.get("underlying") is not None and kind != "Categorical":
        raise _fault(f"a {kind} column has an underlying type")
    for flag in ("ordered", "is_feature"):
        if not isinstance(body.get(flag, False), bool):
            raise _fault(f"{flag} is not true or false")
    for role in ("label_role", "score_role"):
        if not is_text(body.get(role, "")) or len(body.get(role, "")) > _ROLE_LENGTH:
            raise _fault(f"{role} is not a short text")
    return ColumnAttributes(
        name,
        kind,
        unit,
        zone,
        encoding,
        body.get("ordered", False),
        body.get("underlying"),
        body.get("is_feature", True),
        body.get("label_role", ""),
        body.get("score_role", ""),
    )


def _check_places(segments: Sequence[Segment], size_of_file: int) -> None:
    """Own segments follow one another with less than a page between them, inside the file."""
    end = 0
    for segment in sorted(segments, key=lambda segment: segment.offset):
        if not end <= segment.offset < end + PAGE:
            raise _fault(f"the segment at {segment.offset} does not follow the one that ends at {end}")
        end = segment.end
    if end > size_of_file:
        raise _fault(f"segments end at {end}, behind the end of the file at {size_of_file}")


def _name(value: object) -> str:
    if not isinstance(value, str) or not is_text(value) or len(value) > MAX_NAME_LENGTH:
        raise _fault(f"column name {value!r:.40} is not text of at most {MAX_NAME_LENGTH:,} characters")
    return value


def _count(value: object, what: str, limit: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise _fault(f"{what} {value!r:.40} is not a whole number from 0 to {limit}")
    return value


def _digest(value: Optional[str]) -> Optional[Digest]:
    return None if value is None else Digest(value)


def _mapping(value: object, what: str, keys: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _fault(f"the {what} is not an object")
    strange = next((key for key in value if key not in keys), None)
    if strange is not None:
        raise _fault(f"the {what} has an unknown key {strange!r:.40}")
    return value


def _fault(what: str) -> ProblemError:
    return ProblemError(
        Problem("D020", f"The table's footer is not valid: {what}.", fix="Run the node again.")
    )
