"""What a terminal may be sent: text, tabs and line ends. Everything else could move, hide or forge."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def control_faults(shown: bytes) -> list[str]:
    """Control characters in what was sent to a terminal that asked for no colours."""
    text = shown.decode("utf-8", "replace")
    found = sorted({f"U+{ord(letter):04X}" for letter in _FORBIDDEN.findall(text)})
    lone = re.search(r"\r(?!\r*\n)", text)
    faults = [f"the terminal was sent {', '.join(found)}"] if found else []
    return [*faults, "the terminal was sent a carriage return inside a line"] if lone else faults
