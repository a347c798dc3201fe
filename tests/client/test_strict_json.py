from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.client.strict_json import DEEPEST, parse_json, strict_json

TEXT = st.text(st.characters(codec=None))  # lone surrogates too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def _no_constant(name: str) -> None:
    raise AssertionError(name)


@given(VALUES)
def test_every_value_becomes_json_that_strict_readers_take(value: object) -> None:
    json.loads(strict_json(value).encode("utf-8"), parse_constant=_no_constant)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )
)
def test_ordinary_values_come_back_as_they_were(value: object) -> None:
    assert parse_json(strict_json(value).encode()) == value


def test_line_separators_are_escaped() -> None:
    assert strict_json("a\u2028b") == '"a\\u2028b"'


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"NaN",
        b"[Infinity]",
        b'{"a": 1, "a": 2}',
        b"\xff",
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" * 500_000,
    ],
)
def test_what_is_not_strict_json_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(content)


def test_the_greatest_depth_is_taken() -> None:
    parse_json(b"[" * DEEPEST + b"]" * DEEPEST)
