from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.problem import ProblemError
from skyloom.data.names import JOIN, MAX_NAME_LENGTH, is_text, text_names, unique_names
from tests.strategies import names

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "names.json").read_text())["cases"]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: ",".join(map(str, case["given"])))
def test_repeated_names_get_the_numbers_of_classic(case: Any) -> None:
    assert list(unique_names(text_names(case["given"]))) == case["stored"]


def test_join_puts_a_blank_before_the_number() -> None:
    assert unique_names(["39", "39"], JOIN) == ("39", "39 (2)")


@given(st.lists(names))
def test_names_are_distinct_and_first_ones_stay(given_names: list[str]) -> None:
    stored = unique_names(given_names)
    assert len(set(stored)) == len(stored) == len(given_names)
    for place, name in enumerate(given_names):
        if name not in given_names[:place]:
            assert stored[place] == name
    assert unique_names(stored) == stored


def test_many_repetitions_take_little_time() -> None:
    assert unique_names(["a"] * 100_000)[-1] == "a(100000)"


def test_lone_surrogates_are_replaced_with_a_notice() -> None:
    notices: list[str] = []
    assert text_names(["bad \ud800"], notices) == ("bad \ufffd",)
    assert len(notices) == 1


def test_very_long_names_are_cut() -> None:
    (name,) = text_names(["x" * 20_000])
    assert len(unique_names([name, name])[1]) <= MAX_NAME_LENGTH


def test_a_name_whose_text_fails_is_a_problem() -> None:
    class Nameless:
        def __str__(self) -> str:
            raise RuntimeError("no name")

    with pytest.raises(ProblemError, match="D004"):
        text_names(["a", Nameless()])


def test_tuples_of_a_multiindex_become_their_text() -> None:
    assert text_names([("t", 1)]) == ("('t', 1)",)


@given(st.text(st.characters()))
def test_stored_names_can_be_encoded(text: str) -> None:
    (name,) = text_names([text])
    assert is_text(name) and name.encode("utf-8").decode("utf-8") == name
