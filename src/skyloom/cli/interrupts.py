"""Interrupts: Ctrl-C that is remembered, for an exception alone can get lost.

Python raises KeyboardInterrupt wherever it happens to be. In a finalizer (a response that is thrown away)
nobody hears of it, and the command would go on as if nothing had been typed.
"""

from __future__ import annotations

import signal
from types import FrameType

_is_wished = False


def listen(*signals: int) -> None:
    """Let these signals interrupt from now on, also where a shell in the background had them ignored."""
    for number in signals:
        signal.signal(number, _interrupt)


def take() -> bool:
    """Whether somebody interrupted since the last time that this was asked."""
    global _is_wished
    was, _is_wished = _is_wished, False
    return was


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _is_wished
    _is_wished = True
    raise KeyboardInterrupt
