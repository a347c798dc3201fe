"""File sets: one path with ``{name}`` parts names many files, and each part is a column."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional, Sequence, Tuple

from skyloom.runner.usql.clr_type import RANGES, ClrType
from skyloom.runner.usql.faults import FaultError

_PART = re.compile(r"\{([^{}]*)\}")
_DATES = {
    "yyyy": r"\d{4}", "yy": r"\d{2}", "MM": r"\d{2}", "M": r"\d{1,2}", "dd": r"\d{2}", "d": r"\d{1,2}",
    "HH": r"\d{2}",
    "H": r"\d{1,2}", "mm": r"\d{2}", "m": r"\d{1,2}", "ss": r"\d{2}", "s": r"\d{1,2}",
}  # fmt: skip
_DATE_PIECE = re.compile("yyyy|yy|MM|M|dd|d|HH|H|mm|m|ss|s")
_FIELDS = {"y": "year", "M": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}

_FIELD_ORDER = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


@dataclass(frozen=True)
class Group:
    """One group of the pattern: the column it is for and, of a date, which field."""

    column: str
    field: str = ""


@dataclass(frozen=True)
class FileSet:
    """A pattern, read: ``folder`` is where to look, ``pattern`` what a path below it must be."""

    folder: str
    pattern: "re.Pattern[str]"
    groups: Tuple[Group, ...]

    @property
    def columns(self) -> Tuple[str, ...]:
        return tuple(dict.fromkeys(group.column for group in self.groups))

    def files(self, types: Dict[str, ClrType]) -> List[Tuple[str, Dict[str, Any]]]:
        """The files, by name, each with its columns' values; those whose parts do not suit are left out."""
        found = []
        for folder, folders, names in os.walk(self.folder):
            folders.sort()
            for name in names:
                path = os.path.join(folder, name)
                match = self.pattern.fullmatch(os.path.relpath(path, self.folder).replace(os.sep, "/"))
                values = self._values(match.groups(), types) if match else None
                if values is not None:
                    found.append((path, values))
        return sorted(found, key=lambda one: one[0])

    def _values(self, texts: Sequence[str], types: Dict[str, ClrType]) -> Optional[Dict[str, Any]]:
        values: Dict[str, Any] = {}
        dates: Dict[str, Dict[str, int]] = {}
        for group, text in zip(self.groups, texts):
            if group.field:
                number = int(text) + (2000 if group.field == "year" and len(text) == 2 else 0)
                dates.setdefault(group.column, {})[group.field] = number
            else:
                value = _value(text, types[group.column])
                if value is None or values.get(group.column, value) != value:
                    return None
                values[group.column] = value
        for column, fields in dates.items():
            try:
                values[column] = _moment(fields).isoformat(sep=" ")
            except ValueError:
                return None
        return values


def _moment(fields: Dict[str, int]) -> datetime:
    given = [fields.get(name, least) for name, least in _FIELD_ORDER]
    return datetime(*given)  # type: ignore[arg-type]


def is_file_set(path: str) -> bool:
    return bool(_PART.search(path))


def columns_of(path: str) -> Tuple[str, ...]:
    """The names in the braces of a path."""
    return tuple(
        dict.fromkeys(
            name for name in (part.partition(":")[0] for part in _PART.findall(path)) if name != "*"
        )
    )


def file_set(path: str, at: int) -> FileSet:
    """Read a pattern (an absolute path).

    Raises
    ------
    FaultError
        U023: a part that is not understood.
    """
    first = path.index("{")
    folder = path[:first].rpartition("/")[0] or "/"
    rest = path[len(folder) :].lstrip("/")
    words: List[str] = []
    groups: List[Group] = []
    end = 0
    for part in _PART.finditer(rest):
        words.append(re.escape(rest[end : part.start()]))
        end = part.end()
        name, colon, form = part.group(1).partition(":")
        if name == "*":
            words.append("[^/]*")
        elif colon:
            words.append(_dated(name, form, groups, at))
        elif name.isidentifier():
            words.append("([^/]*?)" if "{" + name + "}" != rest[end:] else "([^/]*)")
            groups.append(Group(name))
        else:
            raise FaultError(
                "U023", f"'{part.group()}' in a path is no column.", at, "Write {name}, {date:yyyy} or {*}."
            )
    words.append(re.escape(rest[end:]))
    return FileSet(folder, re.compile("".join(words)), tuple(groups))


def _dated(name: str, form: str, groups: List[Group], at: int) -> str:
    words, end = [], 0
    if form.startswith("*") or form.isdigit():
        groups.append(Group(name))
        return "([^/]*?)"
    for piece in _DATE_PIECE.finditer(form):
        words += [re.escape(form[end : piece.start()]), f"({_DATES[piece.group()]})"]
        groups.append(Group(name, _FIELDS[piece.group()[0]]))
        end = piece.end()
    if (
        not words
        or re.search("[A-Za-z]", form[end:])
        or any(re.search(r"(?<!\\)[A-Za-z]", word) for word in words[::2])
    ):
        what = f"The format '{form}' of '{name}' in a path is not understood."
        raise FaultError("U023", what, at, "Known are yyyy yy MM M dd d HH H mm m ss s.")
    return "".join([*words, re.escape(form[end:])])


def _value(text: str, type_: ClrType) -> Any:
    """A part of a path as a value of its column's type; None when it is none."""
    if type_.name == "string":
        return text
    if type_.name in RANGES:
        low, high = RANGES[type_.name]
        return int(text) if re.fullmatch("[+-]?[0-9]+", text) and low <= int(text) <= high else None
    if type_.name == "DateTime":
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(sep=" ")
        except ValueError:
            return None
    if type_.name in ("double", "float", "decimal"):
        return text if re.fullmatch(r"[+-]?[0-9]+([.][0-9]*)?", text) else None
    if type_.name == "char":
        return text if len(text) == 1 else None
    return {"true": True, "false": False}.get(text.lower()) if type_.name == "bool" else None
