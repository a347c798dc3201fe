from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.cli.escaping import visible, visible_line

ANY = st.text(st.characters(codec=None))


@given(ANY)
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(letter) != "Cc" or letter in "\n\t" for letter in shown)
    shown.encode("utf-8")


@given(ANY)
def test_a_line_stays_a_line(text: str) -> None:
    assert len(visible_line(text).splitlines()) <= 1


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("abc\u202egnp", "abc\\u202egnp"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x9b31m", "\\x9b31m"),
        ("\udc80", "\\udc80"),
    ],
)
def test_controls_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown
