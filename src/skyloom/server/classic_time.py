"""Times as the old product writes them."""

from __future__ import annotations

from datetime import datetime

_TICKS_AT_1970 = 621_355_968_000_000_000  # of 100 ns, counted from the year 1


def millis_of(moment: str | None) -> int:
    """Milliseconds since 1970 of a time in ISO 8601; 0 for none.

    >>> millis_of("2024-05-01T10:00:00.000Z")
    1714557600000
    """
    if not moment:
        return 0
    return round(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000)


def date_text(moment: str | None) -> str:
    """``/Date(ms)/``.

    >>> date_text("2024-05-01T10:00:00.000Z")
    '/Date(1714557600000)/'
    """
    return f"/Date({millis_of(moment)})/"


def ticks(moment: str | None) -> int:
    """.NET ticks."""
    return _TICKS_AT_1970 + millis_of(moment) * 10_000
