from __future__ import annotations

import pytest

from tests.hostile.terminal import control_faults


def test_text_with_tabs_and_line_ends_is_fine() -> None:
    assert control_faults("name\tvalue\r\nünïcode \\x1b[2J written out\n".encode()) == []


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "a\bb", "\x07", "\u202etxt", "\x9b31m", "over\rwritten", "\u2066"]
)
def test_what_moves_hides_or_forges_is_a_fault(text: str) -> None:
    assert control_faults(f"before {text} after\n".encode()) != []
