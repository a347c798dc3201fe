"""Graph text: YAML or JSON that people write, read into a document with the line of every key.

Plain scalars follow the YAML 1.2 core schema: only true and false are booleans, and dates, times and
``no`` stay text; so do numbers with leading zeros, which are codes to people. Tags, several documents and
aliases that blow up are refused.
"""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass, field, replace

import yaml

from skyloom.client.strict_json import parse_json
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

LARGEST_BYTES = 10 * 1024 * 1024
DEEPEST = 60  # below the agent's cap, which counts the envelope too
MOST_VALUES = 200_000  # after aliases are written out

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class GraphText:
    """A document and where its keys stand in the file ``name``."""

    document: Json
    name: str
    lines: dict[Path, int] = field(default_factory=dict)

    def located(self, problem: Problem) -> Problem:
        """The problem with file and line put before its place, where they can be found."""
        nodes = self.document.get("nodes") if isinstance(self.document, dict) else None
        ways = [_nearest(self.document, (), problem.where), _nearest(nodes, ("nodes",), problem.where)]
        left, way = min(ways, key=lambda one: one[0])
        line = self.lines.get(way) if left < len(problem.where) else None
        place = self.name if line is None else f"{self.name}:{line}"
        return replace(problem, where=f"{place} {problem.where}".strip())


def read_graph_text(path: str) -> GraphText:
    """Read a graph file; ``.json`` is read as JSON, everything else as YAML.

    Raises
    ------
    ProblemError
        A021 no such file, G019 a repeated key, G018 not YAML or JSON, or beyond its caps.
    """
    name = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ProblemError(
            Problem("A021", f"The graph file cannot be read: {error.strerror}.", path, "Check the path.")
        ) from error
    if len(content) > LARGEST_BYTES:
        raise _refused(name, 1, f"the file is larger than {LARGEST_BYTES // 1024**2} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refused(name, line, "the file is not text in UTF-8") from error
    if path.lower().endswith(".json"):
        return _read_json(text, name)
    return parse_yaml(text, name)


def _read_json(text: str, name: str) -> GraphText:
    try:
        document = parse_json(text.encode())
    except json.JSONDecodeError as error:
        raise _refused(name, error.lineno, f"this is not JSON: {error.msg}") from error
    except ValueError as error:
        code = "G019" if "twice" in str(error) else "G018"
        raise _refused(name, 1, str(error), code) from error
    try:
        return GraphText(document, name, parse_yaml(text, name).lines)
    except ProblemError:  # JSON that is not quite YAML: all is read, only lines are unknown
        return GraphText(document, name)


def parse_yaml(text: str, name: str = "graph") -> GraphText:
    r"""Read YAML text; raises as ``read_graph_text`` does.

    >>> parse_yaml("answer: no\nwhen: 2024-01-02").document
    {'answer': 'no', 'when': '2024-01-02'}
    """
    reader = _Builder(name)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refused(name, line, f"this is not YAML: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise _refused(name, 1, f"this is not YAML: {error}") from error
    return GraphText(reader.document, name, reader.lines)


@dataclass
class _Open:
    """A mapping or list that is being read."""

    value: dict[str, Json] | list[Json]
    path: Path
    anchor: str | None
    before: int  # values counted when it began
    key: str | None = None


class _Builder:
    """Builds values from parser events without recursion, so that no nesting can exhaust the stack."""

    def __init__(self, name: str) -> None:
        self.document: Json = None
        self.lines: dict[Path, int] = {}
        self._name = name
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._count = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _refused(self._name, line, "a graph file holds one document")
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.AliasEvent():
                self._alias(str(event.anchor), line)
            case yaml.MappingStartEvent():
                self._begin({}, event, line)
            case yaml.SequenceStartEvent():
                self._begin([], event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end(line)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        value = self._scalar_value(event, line)
        inside = self._open[-1] if self._open else None
        if inside is not None and isinstance(inside.value, dict) and inside.key is None:
            self._key(inside, event.value, line)
            return
        self._add(1, line)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._place(value)

    def _scalar_value(self, event: yaml.ScalarEvent, line: int) -> Json:
        tag = event.tag.removeprefix(_TAG) if event.tag else ""
        if tag in ("str", "!") or (not tag and not event.implicit[0]):
            return str(event.value)
        if tag not in ("", "null", "bool", "int", "float"):
            raise _refused(self._name, line, f"the tag '{event.tag}' is not for graph files")
        return self._plain(event.value, line)

    def _plain(self, text: str, line: int) -> Json:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            if len(text) > 400:
                raise _refused(self._name, line, "a number of more than 400 digits")
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isfinite(number):
                return number
        if _NOT_FINITE.fullmatch(text):
            raise _refused(
                self._name, line, f"'{text}' is no number that JSON can carry; quote it if it is text"
            )
        return text

    def _key(self, inside: _Open, key: str, line: int) -> None:
        assert isinstance(inside.value, dict)
        if key in inside.value:
            first = self.lines.get((*inside.path, key), line)
            raise _refused(self._name, line, f"the key '{key}' stands here and on line {first}", "G019")
        inside.key = key
        inside.value[key] = None
        self.lines[(*inside.path, key)] = line

    def _alias(self, anchor: str, line: int) -> None:
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            raise _refused(self._name, line, "an alias cannot be a key")
        if anchor not in self._anchors:
            raise _refused(self._name, line, f"the alias '*{anchor}' stands inside what it repeats")
        value, size = self._anchors[anchor]
        self._add(size, line)
        self._place(value)

    def _begin(
        self, value: dict[str, Json] | list[Json], event: yaml.CollectionStartEvent, line: int
    ) -> None:
        inside = self._open[-1] if self._open else None
        if inside is not None and isinstance(inside.value, dict) and inside.key is None:
            raise _refused(self._name, line, "a key must be text")
        if event.tag and event.tag not in ("!", f"{_TAG}map", f"{_TAG}seq"):
            raise _refused(self._name, line, f"the tag '{event.tag}' is not for graph files")
        if len(self._open) >= DEEPEST:
            raise _refused(self._name, line, f"it is nested deeper than {DEEPEST} levels")
        path: Path = ()
        if inside is not None:
            step = inside.key if isinstance(inside.value, dict) else len(inside.value)
            assert step is not None
            path = (*inside.path, step)
        self._open.append(_Open(value, path, event.anchor, self._count))
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        self._add(1, line)

    def _end(self, line: int) -> None:
        done = self._open.pop()
        if done.anchor:
            self._anchors[done.anchor] = (done.value, self._count - done.before)
        self._place(done.value)

    def _place(self, value: Json) -> None:
        if not self._open:
            self.document = value
            return
        inside = self._open[-1]
        if isinstance(inside.value, list):
            inside.value.append(value)
        else:
            assert inside.key is not None
            inside.value[inside.key] = value
            inside.key = None

    def _add(self, size: int, line: int) -> None:
        self._count += size
        if self._count > MOST_VALUES:
            raise _refused(self._name, line, f"it holds more than {MOST_VALUES} values with its aliases")


def _nearest(value: Json, path: Path, rest: str) -> tuple[int, Path]:
    """Follow a dotted place through the document; how much of it is left, and how far it led.

    Keys may hold dots, and places leave out the sections of a node (core/graph_problems.py), so every way is
    tried.
    """
    found = [(len(rest), path)]
    if rest and isinstance(value, dict):
        for key, part in value.items():
            if rest == key or rest.startswith(f"{key}."):
                found.append(_nearest(part, (*path, key), rest[len(key) + 1 :]))
        if len(path) == 2:
            for section in ("parameters", "inputs", "outputs"):
                left, way = _nearest(value.get(section), (*path, section), rest)
                if left < len(rest):
                    found.append((left, way))
    return min(found, key=lambda one: one[0])


def _refused(name: str, line: int, why: str, code: str = "G018") -> ProblemError:
    fix = "Keep one of them." if code == "G019" else "Mend the file there."
    return ProblemError(Problem(code, f"The graph file does not read: {why}.", f"{name}:{line}", fix))
