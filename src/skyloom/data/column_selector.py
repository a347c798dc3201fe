"""Choosing columns: every written form of Studio's column selector, and its meaning (studio.md 2.4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Set, Tuple
from urllib.parse import unquote

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import column_not_found

_TYPE_WORDS = {
    "string": ("String",),
    "integer": ("Integer",),
    "double": ("Double",),
    "boolean": ("Boolean",),
    "datetime": ("DateTime",),
    "timespan": ("TimeSpan",),
    "categorical": ("Categorical",),
    "numeric": ("Integer", "Double"),
    "object": ("Object",),
    "all": (),
    "alltypes": (),
}
_KIND_WORDS = ("feature", "label", "score", "all", "allkinds")
_RANGE = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?")
_SHORT_KEYS = ("ColumnNames", "ColumnIndices", "ColumnIndexes", "ColumnTypes", "ColumnKinds")
_ALL = ("all", "allcolumns")


@dataclass(frozen=True)
class Rule:
    """One step: columns by ``names``, by 1-based ``indexes`` (with ranges) or by ``types`` and ``kinds``.

    A rule with none of them means every column. A column suits ``types`` and ``kinds`` when it suits one of
    each that is given.
    """

    exclude: bool = False
    names: Optional[Tuple[str, ...]] = None
    indexes: Optional[Tuple[str, ...]] = None
    types: Tuple[str, ...] = ()
    kinds: Tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnSelector:
    """Rules applied in turn. ``in_rule_order``: a single rule whose own order is the result's order."""

    rules: Tuple[Rule, ...]
    in_rule_order: bool = False


def parse_selector(value: object) -> ColumnSelector:
    """Read a selector as people and graphs write it.

    Long JSON (``isFilter``, ``rules``), Designer's short JSON, either of them as text, plain or URL-encoded;
    a list of names (in that order); ``"all"``; or one name.

    Raises
    ------
    ProblemError
        D016 (Studio error 0002) when the value is none of these.

    >>> parse_selector(["b", "a"]).rules[0].names
    ('b', 'a')
    """
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, Mapping):
        return _parse_long(value) if "rules" in value else _parse_short([value])
    if isinstance(value, (list, tuple)):
        if all(isinstance(item, str) for item in value):
            return ColumnSelector((Rule(names=tuple(value)),), in_rule_order=True)
        return _parse_short(value)
    raise _unreadable(f"{value!r:.60} is neither text, list nor object")


def select_columns(
    selector: ColumnSelector,
    schema: Sequence[ColumnAttributes],
    *,
    minimum: int = 1,
    maximum: Optional[int] = None,
    where: str = "",
) -> Tuple[str, ...]:
    """Names of the columns that the selector picks from a schema.

    In the order of the schema, or of the rule where the selector says so.

    Raises
    ------
    ProblemError
        D010 a name or index that is not there (Studio error 0001; every one is listed), D011 nothing picked
        (0011), D012 fewer than ``minimum`` (0031), D013 one column named twice (0028), D014 an index that is
        no number (0059), D015 a range that runs backwards (0060), D017 more than ``maximum`` (0022).
    """
    picked = (
        _in_rule_order(selector.rules[0], schema) if selector.in_rule_order else _as_filter(selector, schema)
    )
    names = tuple(schema[place].name for place in picked)
    if not names and minimum > 0:
        raise _problem("D011", "The column selection picks no column.", where, "Widen the selection.")
    if len(names) < minimum:
        raise _problem("D012", f"{len(names)} columns are picked, {minimum} are needed.", where, "Pick more.")
    if maximum is not None and len(names) > maximum:
        raise _problem("D017", f"{len(names)} columns are picked, {maximum} may be.", where, "Pick fewer.")
    return names


def _in_rule_order(rule: Rule, schema: Sequence[ColumnAttributes]) -> List[int]:
    places = _places(rule, schema)
    twice = next((place for i, place in enumerate(places) if place in set(places[:i])), None)
    if twice is not None:
        name = schema[twice].name
        raise _problem("D013", f"Column '{name}' is picked twice.", name, "Name every column once.")
    return places


def _as_filter(selector: ColumnSelector, schema: Sequence[ColumnAttributes]) -> List[int]:
    picked: Set[int] = set()
    for rule in selector.rules:
        places = _places(rule, schema)
        picked = picked.difference(places) if rule.exclude else picked.union(places)
    return sorted(picked)


def _places(rule: Rule, schema: Sequence[ColumnAttributes]) -> List[int]:
    if rule.names is not None:
        return _places_of_names(rule.names, schema)
    if rule.indexes is not None:
        return [place for text in rule.indexes for place in _places_of_index(text, schema)]
    return [place for place, column in enumerate(schema) if _suits(column, rule)]


def _places_of_names(names: Sequence[str], schema: Sequence[ColumnAttributes]) -> List[int]:
    known = {column.name: place for place, column in enumerate(schema)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ProblemError(column_not_found(name, tuple(known)) for name in unknown)
    return [known[name] for name in names]


def _places_of_index(text: str, schema: Sequence[ColumnAttributes]) -> List[int]:
    places: List[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if not match:
            raise _problem(
                "D014", f"'{part}' is no column index.", part, "Write 3 or 2-5; 1 is the first column."
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or first < 1:
            raise _problem(
                "D015", f"'{part}' is no range of columns.", part, "Write the smaller index first, from 1."
            )
        if last > len(schema):
            raise _problem(
                "D010",
                f"There is no column {last}; the table has {len(schema)}.",
                part,
                "Use a smaller index.",
            )
        places.extend(range(first - 1, last))
    return places


def _suits(column: ColumnAttributes, rule: Rule) -> bool:
    own = {column.type, column.underlying}  # a category is of its underlying type too
    types = not rule.types or any(
        not _TYPE_WORDS[word] or own & set(_TYPE_WORDS[word]) for word in rule.types
    )
    return types and (not rule.kinds or any(_is_kind(column, word) for word in rule.kinds))


def _is_kind(column: ColumnAttributes, word: str) -> bool:
    if word == "label":
        return bool(column.label_role)
    if word == "score":
        return bool(column.score_role)
    return column.is_feature if word == "feature" else True


def _parse_text(text: str) -> ColumnSelector:
    plain = text.strip()
    if re.match(r"%(?:7B|5B|22)", plain, re.IGNORECASE):
        plain = unquote(plain)
    if plain.lower() in _ALL:
        return ColumnSelector((Rule(),))
    if not plain.startswith(("{", "[", '"')):
        return ColumnSelector((Rule(names=(text,)),), in_rule_order=True)
    try:
        value = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"{text!r:.60} is not JSON") from error
    return parse_selector(value)


def _parse_long(value: Mapping[str, Any]) -> ColumnSelector:
    listed = value["rules"]
    if not isinstance(listed, list) or not listed or not all(isinstance(rule, dict) for rule in listed):
        raise _unreadable("'rules' is not a list of rules")
    rules = tuple(_long_rule(rule) for rule in listed)
    is_filter = value.get("isFilter", True)
    if not isinstance(is_filter, bool):
        raise _unreadable("'isFilter' is not true or false")
    if rules[0].exclude:
        raise _unreadable("the first rule excludes; it must include")
    if not is_filter and len(rules) != 1:
        raise _unreadable("a selection by name has exactly one rule")
    return ColumnSelector(rules, in_rule_order=not is_filter)


def _long_rule(rule: Mapping[str, Any]) -> Rule:
    kind = str(rule.get("ruleType", "")).lower()
    exclude = rule.get("exclude", False)
    if not isinstance(exclude, bool):
        raise _unreadable("'exclude' is not true or false")
    if kind == "columnnames":
        return Rule(exclude, names=_words(rule, "columns"))
    if kind in ("columnindexes", "columnindices"):
        return Rule(exclude, indexes=_words(rule, "columns"))
    if kind == "columntypes":
        return Rule(exclude, types=_types(rule, "columnTypes"), kinds=_kinds(rule, "columnKinds"))
    if kind == "allcolumns":
        return Rule(exclude)
    raise _unreadable(f"there is no ruleType {rule.get('ruleType')!r:.40}")


def _parse_short(values: Sequence[Any]) -> ColumnSelector:
    rules = [_short_rule(value) for value in values]
    if not rules:
        raise _unreadable("the list of rules is empty")
    if rules[0].exclude:
        rules.insert(0, Rule())
    keeps_order = isinstance(values[0], Mapping) and bool(values[0].get("KeepInputDataOrder", False))
    by_place = rules[0].names is not None or rules[0].indexes is not None
    return ColumnSelector(tuple(rules), in_rule_order=len(rules) == 1 and by_place and not keeps_order)


def _short_rule(value: Any) -> Rule:
    if isinstance(value, str) and value.lower() in _ALL:
        return Rule()
    if not isinstance(value, Mapping):
        raise _unreadable(f"{value!r:.60} is no rule")
    exclude = bool(value.get("exclude", False))
    given = [key for key in _SHORT_KEYS if key in value]
    if len(given) > 1:
        raise _unreadable(f"a rule has both {given[0]} and {given[1]}")
    if "AllColumns" in value and not given:
        return Rule(exclude)
    if not given:
        raise _unreadable(f"a rule has none of {', '.join(_SHORT_KEYS)}")
    key = given[0]
    if key == "ColumnNames":
        return Rule(exclude, names=_words(value, key))
    if key == "ColumnTypes":
        return Rule(exclude, types=_types(value, key))
    return (
        Rule(exclude, kinds=_kinds(value, key))
        if key == "ColumnKinds"
        else Rule(exclude, indexes=_words(value, key))
    )


def _words(rule: Mapping[str, Any], key: str) -> Tuple[str, ...]:
    listed = rule.get(key)
    listed = [listed] if isinstance(listed, (str, int)) else listed
    if not isinstance(listed, list) or not all(isinstance(word, (str, int)) for word in listed):
        raise _unreadable(f"'{key}' is not a list of texts")
    return tuple(str(word) for word in listed)


def _types(rule: Mapping[str, Any], key: str) -> Tuple[str, ...]:
    return _known_words(rule, key, tuple(_TYPE_WORDS))


def _kinds(rule: Mapping[str, Any], key: str) -> Tuple[str, ...]:
    return _known_words(rule, key, _KIND_WORDS)


def _known_words(rule: Mapping[str, Any], key: str, known: Sequence[str]) -> Tuple[str, ...]:
    words = tuple(word.lower() for word in _words(rule, key)) if rule.get(key) is not None else ()
    strange = next((word for word in words if word not in known), None)
    if strange is not None:
        raise _unreadable(f"'{key}' has the unknown word '{strange:.40}'")
    return words


def _unreadable(reason: str) -> ProblemError:
    return _problem(
        "D016",
        f"The column selection cannot be read: {reason}.",
        "",
        'Write a list of names, "all", or a selector as Studio writes it.',
    )


def _problem(code: str, message: str, where: str, fix: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, fix))
