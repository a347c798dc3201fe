"""Partition formats: ``/{state}/{date:yyyy/MM/dd}/data.csv`` makes columns of a path. Source: sdk.md 6.

Also runs inside boxes (Python 3.8 and up).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Dict, List, Optional, Tuple

_FIELD = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}")
_TIME_PARTS: Tuple[Tuple[str, str, str], ...] = (
    ("yyyy", r"\d{4}", "year"),
    ("MM", r"\d{1,2}", "month"),
    ("dd", r"\d{1,2}", "day"),
    ("HH", r"\d{1,2}", "hour"),
    ("mm", r"\d{1,2}", "minute"),
    ("ss", r"\d{1,2}", "second"),
)


class PartitionFormat:
    """A pattern; it fits the end of a path, whatever folders stand in front.

    >>> PartitionFormat("{state}/{date:yyyy/MM}/*.csv").values("/data/wa/2020/07/a.csv")
    {'state': 'wa', 'date': datetime.datetime(2020, 7, 1, 0, 0)}
    """

    def __init__(self, text: str) -> None:
        self._times: Dict[str, List[str]] = {}
        self.names: List[str] = []
        self._pattern = re.compile(r"(?:.*/)?" + self._compiled(text.strip("/")))

    def values(self, path: str) -> Optional[Dict[str, Any]]:
        """Columns and their values, in the pattern's order; None when the path does not fit."""
        found = self._pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        values: Dict[str, Any] = {}
        for place, name in enumerate(self.names):
            if name in self._times:
                parts = {part: int(found["f%d_%s" % (place, part)]) for part in self._times[name]}
                values[name] = _moment(parts)
            else:
                values[name] = found["f%d" % place]
        return values

    def _compiled(self, text: str) -> str:
        pattern, place = "", 0
        for field in _FIELD.finditer(text):
            pattern += _literal(text[place : field.start()]) + self._field(field[1], field[2])
            place = field.end()
        return pattern + _literal(text[place:])

    def _field(self, name: str, times: Optional[str]) -> str:
        number = len(self.names)
        self.names.append(name)
        if not times:
            return "(?P<f%d>[^/]+)" % number
        self._times[name] = []
        pattern, place = "", 0
        while place < len(times):
            for word, digits, part in _TIME_PARTS:
                if times.startswith(word, place):
                    pattern += "(?P<f%d_%s>%s)" % (number, part, digits)
                    self._times[name].append(part)
                    place += len(word)
                    break
            else:
                pattern += re.escape(times[place])
                place += 1
        return pattern


def _moment(parts: Dict[str, int]) -> datetime:
    day = datetime(parts.get("year", 1), parts.get("month", 1), parts.get("day", 1))
    return day.replace(
        hour=parts.get("hour", 0), minute=parts.get("minute", 0), second=parts.get("second", 0)
    )


def _literal(text: str) -> str:
    return ".*".join("[^/]*".join(re.escape(one) for one in part.split("*")) for part in text.split("**"))
