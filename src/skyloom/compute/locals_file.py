"""What a failed script's variables held, taken from its box: a file that may hold anything.

Source: reliability.md 1.6 (what a box leaves is hostile). Kept are texts of bounded length in the agreed
form, written anew; whatever else stands there is dropped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from skyloom.core.identity import Json
from skyloom.runner.local_values import FILE, MOST_ERRORS, MOST_FRAMES, MOST_TEXT, MOST_VALUES
from skyloom.runner.step_record import FOLDER, open_plain

_MOST_BYTES = 16 * MOST_TEXT  # JSON may spell a character with twelve


def keep_locals(work: str, folder: str) -> str:
    """Copy what a box that is dead has left into ``folder``; its name there, "" where there is nothing."""
    try:
        with open_plain(os.path.join(work, FOLDER, FILE)) as file:
            content = file.read(_MOST_BYTES + 1)
        told = checked_locals(json.loads(content)) if len(content) <= _MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return ""
    if told is None or not told["errors"]:
        return ""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, FILE), "w", encoding="utf-8") as kept:
        json.dump(told, kept)
    return FILE


def checked_locals(value: object) -> dict[str, list[Json]]:
    """The agreed form of it: ``errors`` with ``error`` and ``frames``; a frame has ``locals``, each a list of
    name, type and text.
    """
    room = [2 * MOST_TEXT]
    found = _list(value.get("errors") if isinstance(value, dict) else None, MOST_ERRORS, _error, room)
    return {"errors": found}


def _error(value: object, room: list[int]) -> Json:
    if not isinstance(value, dict):
        return None
    frames = _list(value.get("frames"), MOST_FRAMES, _frame, room)
    return {"error": _text(value.get("error"), room), "frames": frames} if frames else None


def _frame(value: object, room: list[int]) -> Json:
    if not isinstance(value, dict):
        return None
    return {
        "file": _text(value.get("file"), room),
        "line": _number(value.get("line")),
        "function": _text(value.get("function"), room),
        "locals": _list(value.get("locals"), MOST_VALUES, _value, room),
        "left_out": _number(value.get("left_out")),
    }


def _value(value: object, room: list[int]) -> Json:
    if not isinstance(value, list) or len(value) != 3:
        return None
    return [_text(part, room) for part in value]


def _list(value: object, most: int, read: Callable[[object, list[int]], Json], room: list[int]) -> list[Json]:
    items = value[:most] if isinstance(value, list) else []
    return [item for item in (read(one, room) for one in items) if item is not None]


def _text(value: object, room: list[int]) -> str:
    text = value[: room[0]] if isinstance(value, str) else ""
    room[0] -= len(text)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _number(value: object) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31
    return value if is_number and isinstance(value, int) else 0
