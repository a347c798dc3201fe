from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from skyloom.modules.statistics.apply_math_operation import ARGUMENTS, FUNCTIONS
from skyloom.modules.statistics.operations import CATEGORIES, computed
from tests.modules.running import as_table, code_of, frame, run

NAME = "Apply Math Operation"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
TABLE = pd.DataFrame({"a": [1.0, 4.0, np.nan], "b": [2, 3, 4], "t": ["x", "y", "z"]})


def _apply(table: Any, category: str, function: str, **values: Any) -> Any:
    given = {name.replace("_", " "): value for name, value in values.items()}
    return run(NAME, table, {"Category": category, FUNCTIONS[category][0]: function, **given})[0]


def test_every_function_that_can_be_chosen_is_there_and_no_other() -> None:
    for category, (_, one, two, default) in FUNCTIONS.items():
        assert sorted((*one, *two)) == sorted(CATEGORIES[category])
        assert default in (*one, *two)


@pytest.mark.parametrize(
    ("category", "function", "arguments", "value"),
    [
        ("Basic", "Abs", (-3.0,), 3),
        ("Basic", "Atan2", (1.0, -1.0), 3 * np.pi / 4),
        ("Basic", "CubeRoot", (-27.0,), -3),
        ("Basic", "DoubleFactorial", (7.0,), 105),
        ("Basic", "DoubleFactorial", (500.0,), np.inf),
        ("Basic", "Eps", (1.0,), 2.0**-52),
        ("Basic", "Exp2", (3.0,), 8),
        ("Basic", "Factorial", (5.0,), 120),
        ("Basic", "Factorial", (2.5,), np.nan),
        ("Basic", "Hypotenuse", (3.0, 4.0), 5),
        ("Basic", "Ln", (np.e,), 1),
        ("Basic", "Ln", (-1.0,), np.nan),
        ("Basic", "Log", (8.0, 2.0), 3),
        ("Basic", "NthRoot", (-32.0, 5.0), -2),
        ("Basic", "NthRoot", (-4.0, 2.0), np.nan),
        ("Basic", "Pow", (2.0, 10.0), 1024),
        ("Basic", "SqrtPi", (4.0,), np.sqrt(4 * np.pi)),
        ("Compare", "GreaterThan", (2.0, 1.0), 1),
        ("Compare", "EqualTo", (2.0, 1.0), 0),
        ("Compare", "EqualTo", (np.nan, np.nan), np.nan),
        ("Compare", "PairMax", (2.0, 5.0), 5),
        ("Operations", "Divide", (1.0, 0.0), np.inf),
        ("Operations", "Subtract", (1.0, 3.0), -2),
        ("Rounding", "CeilingPower2", (5.0,), 8),
        ("Rounding", "Mod", (-7.0, 3.0), 2),
        ("Rounding", "Quotient", (-7.0, 3.0), -2),
        ("Rounding", "Remainder", (-7.0, 3.0), -1),
        ("Rounding", "RoundDigits", (-2.345, 1.0), -2.3),
        ("Rounding", "RoundDigits", (2.5, 0.0), 3),
        ("Rounding", "RoundDown", (-2.39, 1.0), -2.3),
        ("Rounding", "RoundUp", (-2.31, 1.0), -2.4),
        ("Rounding", "ToEven", (3.0,), 4),
        ("Rounding", "ToEven", (-1.5,), -2),
        ("Rounding", "ToOdd", (2.0,), 3),
        ("Rounding", "ToMultiple", (17.0, 5.0), 15),
        ("Rounding", "ToMultiple", (-18.0, 5.0), -20),
        ("Rounding", "Truncate", (-2.79, 1.0), -2.7),
        ("Special", "Beta", (2.0, 3.0), 1 / 12),
        ("Special", "Gamma", (5.0,), 24),
        ("Special", "ErfInverse", (special.erf(0.3),), 0.3),
        ("Special", "GammaRegularizedP", (2.0, 1.5), special.gammainc(2, 1.5)),
        ("Special", "Polygamma", (2.0, 1.0), special.polygamma(1, 2)),
        ("Trigonometric", "SinDegrees", (30.0,), 0.5),
        ("Trigonometric", "AtanDegrees", (1.0,), 45),
        ("Trigonometric", "Acot", (1.0,), np.pi / 4),
        ("Trigonometric", "Sec", (np.pi / 3,), 2),
        ("Trigonometric", "Acoth", (2.0,), np.arctanh(0.5)),
        ("Trigonometric", "Arg", (-2.0,), np.pi),
        ("Trigonometric", "Sinc", (np.pi / 2,), 2 / np.pi),
        ("Trigonometric", "Sinc", (0.0,), 1),
        ("Trigonometric", "DegreesToRadians", (180.0,), np.pi),
        ("Trigonometric", "Sign", (-0.5,), -1),
    ],
)
def test_what_the_functions_are(
    category: str, function: str, arguments: tuple[float, ...], value: float
) -> None:
    found = computed(category, function, *(np.array([number]) for number in arguments))
    assert found[0] == pytest.approx(value, nan_ok=True)


def test_the_exponential_integral_is_the_integral_from_0() -> None:
    wanted, _ = integrate.quad(lambda t: (1 - np.exp(-t)) / t, 0, 2.5)
    assert computed("Special", "ExponentialIntegralEin", np.array([2.5]))[0] == pytest.approx(wanted)


@quiet
@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_rounding_to_parity_goes_away_from_0_by_2_at_most(number: float) -> None:
    for name, parity in (("ToEven", 0), ("ToOdd", 1)):
        found = float(computed("Rounding", name, np.array([number]))[0])
        if abs(number) < 2**50:
            assert abs(found) % 2 == parity and 0 <= abs(found) - abs(number) <= 2


@quiet
@given(st.sampled_from([(c, f) for c in CATEGORIES for f in CATEGORIES[c]]), st.data())
def test_every_function_takes_any_number_and_is_missing_for_a_missing_one(
    chosen: tuple[str, str], data: Any
) -> None:
    category, function = chosen
    count = 1 + (function in FUNCTIONS[category][2])
    numbers = st.floats(-20, 20)
    arguments = [np.array([data.draw(numbers), np.nan]) for _ in range(count)]
    found = computed(category, function, *arguments)
    assert found.shape == (2,) and np.isnan(found[1])


def test_results_alone_are_the_default_and_are_named_by_function_and_column() -> None:
    made = _apply(TABLE, "Basic", "Sqrt")
    assert made.names == ("Sqrt(a)", "Sqrt(b)")
    np.testing.assert_allclose(frame(made)["Sqrt(b)"], np.sqrt([2, 3, 4]))


def test_results_are_added_or_take_the_place_of_their_columns() -> None:
    assert _apply(TABLE, "Basic", "Abs", Output_mode="Append").names == ("a", "b", "t", "Abs(a)", "Abs(b)")
    made = _apply(TABLE, "Basic", "Square", Output_mode="Inplace")
    assert made.names == ("a", "b", "t") and frame(made)["b"].tolist() == [4, 9, 16]


def test_a_second_argument_is_a_number_one_column_or_a_column_for_each() -> None:
    made = _apply(TABLE, "Operations", "Add", Constant_operation_argument=10.0)
    assert made.names == ("Add(a_10)", "Add(b_10)") and frame(made)["Add(b_10)"].tolist() == [12, 13, 14]
    made = _apply(TABLE, "Compare", "LessThan", Value_to_compare=["b"])
    assert made.names == ("LessThan(a_b)", "LessThan(b_b)")
    np.testing.assert_array_equal(frame(made)["LessThan(a_b)"], [1, 0, np.nan])
    values = {"Operation_argument_type": "ColumnSet", "Operation_argument": ["b", "a"]}
    made = _apply(TABLE, "Operations", "Multiply", **values)
    assert made.names == ("Multiply(a_b)", "Multiply(b_a)")


def test_a_number_of_second_columns_that_does_not_fit_is_error_27() -> None:
    table = as_table(TABLE.assign(c=1))
    values = {"Category": "Compare", "Value to compare": ["a", "b"]}
    assert code_of(NAME, table, values) == "M0027"


def test_a_column_that_is_no_number_is_error_17() -> None:
    assert code_of(NAME, TABLE, {"Column set": "all"}) == "M0017"


def test_every_category_with_functions_of_two_numbers_says_where_the_second_comes_from() -> None:
    assert set(ARGUMENTS) == {category for category, (_, _, two, _) in FUNCTIONS.items() if two}
