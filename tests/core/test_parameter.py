"""Values of parameters: which suit, which count, how typed text is read."""

import pytest

from skyloom.core.identity import Json
from skyloom.core.parameter import Parameter, complete_values, parse_text, value_faults

from .samples import SPLIT


@pytest.mark.parametrize(
    ("parameter", "value", "word"),
    [
        (Parameter("n", "int"), 1.5, "whole number"),
        (Parameter("n", "int"), True, "whole number"),
        (Parameter("n", "float"), "1", "a number"),
        (Parameter("n", "bool"), 1, "true or false"),
        (Parameter("n", "string"), 1, "text"),
        (Parameter("n", "columns"), 1, "column selection"),
        (Parameter("n", "int", minimum=2), 1, "below"),
        (Parameter("n", "int", maximum=2), 3, "above"),
        (Parameter("n", "choice", choices=("One", "Two")), "on", "One"),
        (Parameter("n", required=True), "", "no value"),
    ],
)
def test_a_value_that_does_not_suit_is_told_why(parameter: Parameter, value: Json, word: str) -> None:
    (message, fix), *_ = value_faults(parameter, value)
    assert word in message + fix


def test_a_value_that_is_not_given_is_no_fault_unless_required() -> None:
    assert list(value_faults(Parameter("n", "int"), None)) == []


def test_complete_values_leaves_hidden_branches_out() -> None:
    assert complete_values(SPLIT.parameters, {"Splitting mode": "Regular Expression"}) == {
        "Splitting mode": "Regular Expression",
        "Random seed": 0,
    }


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", " 3 ", 3),
        ("float", "0.5", 0.5),
        ("bool", "True", True),
        ("string", "3", "3"),
        ("int", "x", "x"),
    ],
)
def test_typed_text_becomes_the_type_of_the_parameter(kind: str, text: str, value: Json) -> None:
    assert parse_text(Parameter("n", kind), text) == value  # type: ignore[arg-type]
