"""Options of Extractors and Outputters."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Any, Callable, Dict, Tuple

from skyloom.runner.usql import syntax as s
from skyloom.runner.usql.faults import FaultError
from skyloom.runner.usql.scope import unknown

DELIMITERS = {"Csv": ",", "Tsv": "\t", "Text": ","}
EXTRACT_OPTIONS = {
    "delimiter": "char", "encoding": "encoding", "nullEscape": "string", "quoting": "bool",
    "rowDelimiter": "string",
    "silent": "bool", "skipFirstNRows": "int",
}  # fmt: skip
OUTPUT_OPTIONS = {
    "delimiter": "char", "dateTimeFormat": "string", "encoding": "encoding", "nullEscape": "string",
    "outputHeader": "bool", "quoting": "bool", "rowDelimiter": "string",
}  # fmt: skip
_NOT_HERE = ("escapeCharacter", "charFormat")
_ENCODINGS = {
    "UTF8": "utf-8", "ASCII": "ascii", "Unicode": "utf-16-le", "BigEndianUnicode": "utf-16-be",
    "UTF32": "utf-32-le",
    "UTF7": "utf-7",
}  # fmt: skip
_DEFAULTS: Dict[str, Any] = {
    "encoding": "utf-8", "nullEscape": None, "quoting": True, "silent": False, "skipFirstNRows": 0,
    "outputHeader": False,
    "dateTimeFormat": "O", "rowDelimiter": None,
}  # fmt: skip

# the value of a constant expression that must be of this type
Constant = Callable[[s.Expression, str, str], Any]


@dataclass(frozen=True)
class Format:
    """A format of text files with all its options."""

    kind: str  # Csv, Tsv or Text
    values: Dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def read_options(operator: s.Operator, room: str, constant: Constant) -> Format:
    """The options of ``Extractors.X(...)`` (``room`` Extractors) or ``Outputters.X(...)``.

    Raises
    ------
    FaultError
        U020 no such extractor or outputter, U021 an option that is unknown or wrong.
    """
    owner, _, kind = operator.name.rpartition(".")
    if owner not in (room, f"Microsoft.Analytics.{room}"):
        if owner in ("Extractors", "Outputters"):
            what = f"{operator.name} does not stand here."
            raise FaultError("U020", what, operator.at, f"Write {room}.{kind}().")
        what = f"'{operator.name}' is not understood: code of your own, or of an assembly."
        raise FaultError("U005", what, operator.at, f"Use {room}.Csv(), {room}.Tsv() or {room}.Text().")
    if kind not in DELIMITERS:
        known = [f"{room}.{one}" for one in DELIMITERS]
        raise unknown("U020", f"There is no {operator.name} here.", operator.name, known, operator.at)
    known_options = EXTRACT_OPTIONS if room == "Extractors" else OUTPUT_OPTIONS
    values = {name: _DEFAULTS.get(name) for name in known_options}
    values["delimiter"] = DELIMITERS[kind]
    for option in operator.options:
        name, value = _option(option, kind, room, known_options, constant)
        values[name] = value
    return Format(kind, values)


def _option(
    option: s.Option, kind: str, room: str, known: Dict[str, str], constant: Constant
) -> Tuple[str, Any]:
    name = option.name or "delimiter"
    if name in _NOT_HERE:
        raise FaultError("U021", f"The option {name} is not understood.", option.at, "Leave it out.")
    if name not in known:
        raise unknown("U021", f"{room}.{kind} has no option '{name}'.", name, known, option.at)
    if name == "delimiter" and kind != "Text":
        what = f"{room}.{kind} has a fixed delimiter."
        raise FaultError("U021", what, option.at, f"Use {room}.Text(delimiter: ...).")
    if known[name] == "encoding":
        return name, _encoding(option, constant)
    value = constant(option.value, known[name], f"The option {name}")
    if name == "delimiter" and value in ("\n", "\r", '"'):
        raise FaultError(
            "U021", "A delimiter is no line end and no quote.", option.at, "Take another character."
        )
    if name == "rowDelimiter" and room == "Extractors" and value not in ("\n", "\r\n", "\r", None):
        raise FaultError(
            "U021",
            f"Rows that end in {value!r} are not understood.",
            option.at,
            r'Known are "\n" and "\r\n".',
        )
    if name == "skipFirstNRows" and value < 0:
        raise FaultError("U021", "skipFirstNRows is not below 0.", option.at, "Write 0 or more.")
    return name, value


def _encoding(option: s.Option, constant: Constant) -> str:
    value = option.value
    target = value.target if isinstance(value, s.Call) else value
    owner = target.target if isinstance(target, s.Member) else None
    is_encoding = (isinstance(owner, s.Name) and owner.name == "Encoding") or (
        isinstance(owner, s.Member) and owner.name == "Encoding"
    )
    if isinstance(target, s.Member) and is_encoding:
        if isinstance(value, s.Call) and target.name == "GetEncoding" and len(value.arguments) == 1:
            name = constant(value.arguments[0], "string", "The encoding")
            try:
                return codecs.lookup(name).name
            except LookupError:
                raise FaultError(
                    "U021", f"There is no encoding {name!r}.", option.at, 'Such as "windows-1252".'
                ) from None
        if target.name in _ENCODINGS:
            return _ENCODINGS[target.name]
    known = ", ".join(f"Encoding.{name}" for name in _ENCODINGS)
    raise FaultError("U021", "This is no encoding.", option.at, f"Known are {known}.")
