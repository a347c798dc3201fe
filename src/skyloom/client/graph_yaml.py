"""Graph files as YAML that people read and compare; what graph_text.py reads back to the last value."""

from __future__ import annotations

import json
import re

from skyloom.core.identity import Json

_PLAIN = re.compile(r"[A-Za-z_\u00c0-\u024f][\w \u00c0-\u024f./()+-]*", re.ASCII)
_WORDS = re.compile(r"(true|false|null|yes|no|on|off|y|n|nan|inf)", re.IGNORECASE)
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_LONGEST = 100  # characters of a list on one line


def yaml_of(document: Json) -> str:
    """The document as YAML, mappings in their order; long texts become literal blocks.

    >>> print(yaml_of({"name": "no", "nodes": {"a b": {"position": [1, 2.5]}}}), end="")
    name: "no"
    nodes:
      a b:
        position: [1, 2.5]
    """
    return "\n".join(_lines(document, 0)) + "\n"


def _lines(value: Json, depth: int) -> list[str]:
    pad = "  " * depth
    found: list[str] = []
    if isinstance(value, dict) and value:
        for key, part in value.items():
            found += _entry(f"{pad}{_scalar(key)}:", part, depth)
        return found
    if isinstance(value, list) and value:
        for part in value:
            inline = _flat(part)
            if inline is not None or isinstance(part, str):
                found += _entry(f"{pad}-", part, depth)
            else:
                first, *rest = _lines(part, depth + 1)
                found += [f"{pad}- {first.lstrip()}", *rest]
        return found
    return [pad + (_flat(value) or "")]


def _entry(head: str, part: Json, depth: int) -> list[str]:
    inline = _flat(part)
    if inline is not None:
        return [f"{head} {inline}"]
    if isinstance(part, str):
        return [f"{head} {_mark(part)}", *_block(part, depth + 1)]
    return [head, *_lines(part, depth + 1)]


def _flat(value: Json) -> str | None:
    """The value on one line, where it is short enough to be."""
    if isinstance(value, str):
        return None if "\n" in value and _is_block_safe(value) else _scalar(value)
    if isinstance(value, dict):
        return None if value else "{}"
    if isinstance(value, list):
        if any(isinstance(part, (dict, list)) for part in value):
            return None
        text = f"[{', '.join(map(_scalar, value))}]"
        return text if len(text) <= _LONGEST or not value else None
    return _scalar(value)


def _scalar(value: Json) -> str:
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value) and not value.endswith(" ")
        return value if is_plain else _ODD.sub(_escape, json.dumps(value, ensure_ascii=False))
    number = re.sub(r"e([-+])0+", r"e\1", json.dumps(value))
    return re.sub(r"^(-?\d+)e", r"\1.0e", number)  # without a point it would be text


def _escape(letter: re.Match[str]) -> str:
    return f"\\u{ord(letter[0]):04x}"


def _is_block_safe(text: str) -> bool:
    """Whether a literal block gives the text back: no odd letters, no line that begins with blanks first."""
    return not _ODD.search(text) and text[0] not in " \n\t" and not re.search(r"[ \t]\n?\Z", text)


def _mark(text: str) -> str:
    if not text.endswith("\n"):
        return "|-"
    return "|+" if text.endswith("\n\n") else "|"


def _block(text: str, depth: int) -> list[str]:
    body = text.removesuffix("\n")
    return ["  " * depth + line if line else "" for line in body.split("\n")]
