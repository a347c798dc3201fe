from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.cli.sizes import parse_seconds, parse_size, short_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("1k", 1024),
        ("1KB", 1000),
        ("1KiB", 1024),
        ("512M", 512 * 1024**2),
        ("2GiB", 2 * 1024**3),
        ("2gib", 2 * 1024**3),
        ("1.5G", 1536 * 1024**2),
        ("10MB", 10_000_000),
        (" 10 MB ", 10_000_000),
        ("1T", 1024**4),
        ("100b", 100),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1", "1Q", "1e9", "0", "0.1", "1 000", "1MiBs", "nan"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("3", 3), ("0.5", 0.5), ("2m", 120), ("1h", 3600), ("10s", 10)]
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "inf", "1d", "soon"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_seconds(text)


@given(st.integers(0, 2**53))
def test_every_size_has_a_short_form(size: int) -> None:
    assert len(short_size(size)) <= 12
