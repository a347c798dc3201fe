"""The operations of Apply Math Operation: functions of one or two arrays of float64.

Where a function is not defined the result is missing. Angles are in radians unless the name says Degrees.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Function = Callable[..., Any]


def _scipy(name: str) -> Function:
    """A function of scipy.special, loaded when it is called: that takes longer than our whole start."""
    return lambda *arguments: getattr(importlib.import_module("scipy.special"), name)(*arguments)


def _double_factorial(x: Any) -> Any:
    # scipy wants whole numbers; that of 301 is no longer a number
    return _whole_only(x, lambda n: _scipy("factorial2")(np.minimum(n, 400).astype(int)))


def _factorial(x: Any) -> Any:
    return _whole_only(x, _scipy("factorial"))


def _whole_only(x: Any, function: Function) -> Any:
    """The function of whole numbers from 0 on; missing for others."""
    suits = (x >= 0) & (x == np.floor(x)) & np.isfinite(x)
    found = np.full(np.shape(x), np.nan)
    found[suits] = function(np.asarray(x)[suits])
    return found


def _root(x: Any, n: Any) -> Any:
    """The n-th root; of a number below 0 where n is odd."""
    is_odd = np.abs(n) % 2 == 1
    return np.where((x < 0) & is_odd, -(np.abs(x) ** (1 / n)), np.where(x < 0, np.nan, np.abs(x) ** (1 / n)))


def _away(x: Any, digits: Any, rounded: Function) -> Any:
    """Rounded to so many digits behind the point, sign apart."""
    scale = 10.0 ** np.trunc(digits)
    return np.sign(x) * rounded(np.abs(x) * scale) / scale


def _to_parity(x: Any, parity: int) -> Any:
    """The next whole number of the parity, away from 0."""
    up = np.ceil(np.abs(x))
    return np.where(x < 0, -1, 1) * np.where(up % 2 == parity, up, up + 1)


def _half_up(x: Any) -> Any:
    return np.floor(x + 0.5)


def _comparison(compare: Function) -> Function:
    """1 or 0; missing where either number is."""

    def compared(x: Any, y: Any) -> Any:
        return np.where(np.isnan(x) | np.isnan(y), np.nan, compare(x, y).astype("f8"))

    return compared


BASIC: Mapping[str, Function] = {
    "Abs": np.abs,
    "Atan2": np.arctan2,
    "Conj": np.conj,
    "CubeRoot": np.cbrt,
    "DoubleFactorial": _double_factorial,
    "Eps": np.spacing,
    "Exp": np.exp,
    "Exp2": np.exp2,
    "ExpMinus1": np.expm1,
    "Factorial": _factorial,
    "Hypotenuse": np.hypot,
    "ImaginaryPart": lambda x: np.where(np.isnan(x), np.nan, 0.0),
    "Ln": np.log,
    "LnPlus1": np.log1p,
    "Log": lambda x, base: np.log(x) / np.log(base),
    "Log10": np.log10,
    "Log2": np.log2,
    "NthRoot": _root,
    "Pow": np.power,
    "RealPart": np.array,
    "Sqrt": np.sqrt,
    "SqrtPi": lambda x: np.sqrt(x * np.pi),
    "Square": np.square,
}
COMPARE: Mapping[str, Function] = {
    "EqualTo": _comparison(np.equal),
    "GreaterThan": _comparison(np.greater),
    "GreaterThanOrEqualTo": _comparison(np.greater_equal),
    "LessThan": _comparison(np.less),
    "LessThanOrEqualTo": _comparison(np.less_equal),
    "NotEqualTo": _comparison(np.not_equal),
    "PairMax": np.maximum,
    "PairMin": np.minimum,
}
OPERATIONS: Mapping[str, Function] = {
    "Add": np.add,
    "Divide": np.divide,
    "Multiply": np.multiply,
    "Subtract": np.subtract,
}
ROUNDING: Mapping[str, Function] = {
    "Ceiling": np.ceil,
    "CeilingPower2": lambda x: np.where(x > 0, np.exp2(np.ceil(np.log2(np.abs(x)))), np.nan),
    "Floor": np.floor,
    "Mod": lambda x, y: np.mod(x, y),
    "Quotient": lambda x, y: np.trunc(x / y),
    "Remainder": np.fmod,
    "RoundDigits": lambda x, digits: _away(x, digits, _half_up),
    "RoundDown": lambda x, digits: _away(x, digits, np.floor),
    "RoundUp": lambda x, digits: _away(x, digits, np.ceil),
    "ToEven": lambda x: _to_parity(x, 0),
    "ToMultiple": lambda x, y: np.where(y == 0, np.nan, _half_up(np.abs(x / y)) * np.sign(x / y) * y),
    "ToOdd": lambda x: _to_parity(x, 1),
    "Truncate": lambda x, digits: _away(x, digits, np.floor),
}
SPECIAL: Mapping[str, Function] = {
    "Beta": _scipy("beta"),
    "BetaLn": _scipy("betaln"),
    "EllipticIntegralE": _scipy("ellipe"),
    "EllipticIntegralK": _scipy("ellipk"),
    "Erf": _scipy("erf"),
    "Erfc": _scipy("erfc"),
    "ErfcScaled": _scipy("erfcx"),
    "ErfInverse": _scipy("erfinv"),
    "ExponentialIntegralEin": lambda x: np.where(
        x > 0, _scipy("exp1")(x) + np.log(x) + np.euler_gamma, np.nan
    ),
    "Gamma": _scipy("gamma"),
    "GammaLn": _scipy("gammaln"),
    "GammaRegularizedP": _scipy("gammainc"),
    "GammaRegularizedPInverse": _scipy("gammaincinv"),
    "GammaRegularizedQ": _scipy("gammaincc"),
    "GammaRegularizedQInverse": _scipy("gammainccinv"),
    "Polygamma": lambda x, n: _scipy("polygamma")(np.trunc(n), x),
}
_ANGLES: Mapping[str, Function] = {
    "Cos": np.cos,
    "Cot": lambda x: 1 / np.tan(x),
    "Csc": lambda x: 1 / np.sin(x),
    "Sec": lambda x: 1 / np.cos(x),
    "Sin": np.sin,
    "Tan": np.tan,
}
_ARCS: Mapping[str, Function] = {
    "Acos": np.arccos,
    "Acot": lambda x: np.arctan2(1, x),
    "Acsc": lambda x: np.arcsin(1 / x),
    "Asec": lambda x: np.arccos(1 / x),
    "Asin": np.arcsin,
    "Atan": np.arctan,
}
_HYPERBOLIC: Mapping[str, Function] = {
    "Acosh": np.arccosh,
    "Acoth": lambda x: np.arctanh(1 / x),
    "Acsch": lambda x: np.arcsinh(1 / x),
    "Asech": lambda x: np.arccosh(1 / x),
    "Asinh": np.arcsinh,
    "Atanh": np.arctanh,
    "Cosh": np.cosh,
    "Coth": lambda x: 1 / np.tanh(x),
    "Csch": lambda x: 1 / np.sinh(x),
    "Sech": lambda x: 1 / np.cosh(x),
    "Sinh": np.sinh,
    "Tanh": np.tanh,
}
TRIGONOMETRIC: Mapping[str, Function] = {
    **_ANGLES,
    **{f"{name}Degrees": lambda x, of=of: of(np.deg2rad(x)) for name, of in _ANGLES.items()},
    **_ARCS,
    **{f"{name}Degrees": lambda x, of=of: np.rad2deg(of(x)) for name, of in _ARCS.items()},
    **_HYPERBOLIC,
    "Arg": lambda x: np.where(np.isnan(x), np.nan, np.where(x < 0, np.pi, 0.0)),
    "DegreesToRadians": np.deg2rad,
    "Sign": np.sign,
    "Sinc": lambda x: np.sinc(x / np.pi),
}
CATEGORIES: Mapping[str, Mapping[str, Function]] = {
    "Basic": BASIC,
    "Compare": COMPARE,
    "Operations": OPERATIONS,
    "Rounding": ROUNDING,
    "Special": SPECIAL,
    "Trigonometric": TRIGONOMETRIC,
}


def computed(category: str, name: str, *arguments: Any) -> Any:
    """The function of the numbers, (n_rows,); missing where it is not defined."""
    with np.errstate(all="ignore"):
        return np.asarray(CATEGORIES[category][name](*arguments), "f8")
