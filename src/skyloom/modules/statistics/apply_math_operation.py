"""Apply Math Operation: a function of each number of some columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

CATEGORY, COLUMNS, OUTPUT = "Category", "Column set", "Output mode"
CONSTANT, COLUMN_SET = "Constant", "ColumnSet"

_ONE_BASIC = (
    *("Abs", "Conj", "CubeRoot", "DoubleFactorial", "Eps", "Exp", "Exp2", "ExpMinus1", "Factorial"),
    *("ImaginaryPart", "Ln", "LnPlus1", "Log10", "Log2", "RealPart", "Sqrt", "SqrtPi", "Square"),
)
_TWO_BASIC = ("Atan2", "Hypotenuse", "Log", "NthRoot", "Pow")
_COMPARE = (
    *("EqualTo", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo", "NotEqualTo"),
    *("PairMax", "PairMin"),
)
_OPERATIONS = ("Add", "Divide", "Multiply", "Subtract")
_ONE_ROUNDING = ("Ceiling", "CeilingPower2", "Floor", "ToEven", "ToOdd")
_TWO_ROUNDING = (
    *("Mod", "Quotient", "Remainder", "RoundDigits", "RoundDown", "RoundUp", "ToMultiple"),
    "Truncate",
)
_ONE_SPECIAL = (
    *("EllipticIntegralE", "EllipticIntegralK", "Erf", "Erfc", "ErfcScaled", "ErfInverse"),
    *("ExponentialIntegralEin", "Gamma", "GammaLn"),
)
_TWO_SPECIAL = (
    *("Beta", "BetaLn", "GammaRegularizedP", "GammaRegularizedPInverse", "GammaRegularizedQ"),
    *("GammaRegularizedQInverse", "Polygamma"),
)
_ANGLES = ("Cos", "Cot", "Csc", "Sec", "Sin", "Tan")
_ARCS = ("Acos", "Acot", "Acsc", "Asec", "Asin", "Atan")
_TRIGONOMETRIC = (
    *_ANGLES,
    *(f"{name}Degrees" for name in _ANGLES),
    *_ARCS,
    *(f"{name}Degrees" for name in _ARCS),
    *(
        "Acosh",
        "Acoth",
        "Acsch",
        "Arg",
        "Asech",
        "Asinh",
        "Atanh",
        "Cosh",
        "Coth",
        "Csch",
        "DegreesToRadians",
    ),
    *("Sech", "Sign", "Sinc", "Sinh", "Tanh"),
)

# category: its parameter, functions of one number, functions of two, the default
FUNCTIONS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...], str]] = {
    "Basic": ("Basic math function", _ONE_BASIC, _TWO_BASIC, "Abs"),
    "Compare": ("Comparison function", (), _COMPARE, "EqualTo"),
    "Operations": ("Basic operation", (), _OPERATIONS, "Add"),
    "Rounding": ("Rounding operation", _ONE_ROUNDING, _TWO_ROUNDING, "Floor"),
    "Special": ("Special function", _ONE_SPECIAL, _TWO_SPECIAL, "Erf"),
    "Trigonometric": ("Trigonometric function", _TRIGONOMETRIC, (), "Sin"),
}
# category: type, constant and columns of the second argument, and the default type
ARGUMENTS: Mapping[str, tuple[str, str, str, str]] = {
    "Basic": ("Second argument type", "Constant second argument", "Second argument", CONSTANT),
    "Compare": ("Value to compare type", "Constant value to compare", "Value to compare", COLUMN_SET),
    "Operations": (
        "Operation argument type",
        "Constant operation argument",
        "Operation argument",
        CONSTANT,
    ),
    "Rounding": ("Precision Type", "Constant Precision", "Precision", CONSTANT),
    "Special": ("Parameter type", "Constant Parameter", "Parameter", COLUMN_SET),
}


def _branch(category: str) -> list[Parameter]:
    name, one, two, default = FUNCTIONS[category]
    chosen = Parameter(
        name,
        "choice",
        default,
        choices=tuple(sorted((*one, *two))),
        shown_when=(CATEGORY, (category,)),
        doc="The function.",
    )
    if category not in ARGUMENTS:
        return [chosen]
    kind, constant, columns, default_kind = ARGUMENTS[category]
    return [
        chosen,
        Parameter(
            kind,
            "choice",
            default_kind,
            choices=(CONSTANT, COLUMN_SET),
            shown_when=(name, two),
            doc="Whether the second argument is one number or comes from columns.",
        ),
        Parameter(constant, "float", 1.0, shown_when=(kind, (CONSTANT,)), doc="The second argument."),
        Parameter(
            columns,
            "columns",
            required=True,
            shown_when=(kind, (COLUMN_SET,)),
            doc="One column for all, or one for each of the selected columns, in their order.",
        ),
    ]


SPEC = ModuleSpec(
    name="Apply Math Operation",
    version="v1.0",
    category="Statistical Functions",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset"),),
    parameters=(
        Parameter(
            CATEGORY, "choice", "Basic", choices=tuple(FUNCTIONS), doc="Which functions to choose from."
        ),
        *(parameter for category in FUNCTIONS for parameter in _branch(category)),
        Parameter(COLUMNS, "columns", {"ColumnTypes": ["Numeric"]}, doc="Numeric columns."),
        Parameter(
            OUTPUT,
            "choice",
            "ResultOnly",
            choices=("Append", "Inplace", "ResultOnly"),
            doc="Add FUNCTION(NAME), replace the columns, or give nothing but the results.",
        ),
    ),
    doc=(
        "Computes a function of each number. Where it is not defined the result is missing. Cis is not "
        "there: no column holds complex numbers."
    ),
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the old product's documentation (studio.md 2.2).

    Raises
    ------
    ProblemError
        M0017 a selected column is no number; M0027 as many second columns as neither one nor all.
    """
    from dataclasses import replace

    from skyloom.modules.statistics.math_columns import math_columns
    from skyloom.modules.tables.naming import renamed, with_appended
    from skyloom.modules.tables.selection import picked_columns

    table, category = inputs["Dataset"], values[CATEGORY]
    function = values[FUNCTIONS[category][0]]
    names = picked_columns(table, values, COLUMNS)
    second: float | tuple[str, ...] | None = None
    if function in FUNCTIONS[category][2]:
        kind, constant, columns, _ = ARGUMENTS[category]
        second = (
            float(values[constant]) if values[kind] == CONSTANT else picked_columns(table, values, columns)
        )
    made = math_columns(table, names, category, function, second)
    if values[OUTPUT] == "Append":
        return {"Results dataset": with_appended(table, made)}
    if values[OUTPUT] == "ResultOnly":
        return {"Results dataset": with_appended(replace(table, columns=()), made)}
    named = [renamed(column, name) for column, name in zip(made, names)]
    return {"Results dataset": table.with_columns(named)}
