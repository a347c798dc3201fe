"""Names that NumPy dropped: financial functions (1.20), aliases of types (1.24), the clean-up of 2.0."""

from __future__ import annotations

import sys
from typing import Any, List

from skyloom.runner.compatibility.library import Call, Library

NUMPY = Library("numpy")

NUMPY.constants(
    "numpy",
    {
        "float": (float, "float"),
        "int": (int, "int"),
        "bool": (bool, "bool"),
        "object": (object, "object"),
        "str": (str, "str"),
        "complex": (complex, "complex"),
        "long": (int, "int"),
        "unicode": (str, "str"),
    },
    "NumPy 1.24",
    "np",
)
NUMPY.alias(
    "numpy",
    {
        "bool8": "numpy:bool_",
        "object0": "numpy:object_",
        "str0": "numpy:str_",
        "bytes0": "numpy:bytes_",
        "void0": "numpy:void",
        "int0": "numpy:intp",
        "uint0": "numpy:uintp",
    },
    "NumPy 2.0",
    "np",
)
NUMPY.alias(
    "numpy",
    {
        "float_": "numpy:float64",
        "complex_": "numpy:complex128",
        "cfloat": "numpy:complex128",
        "singlecomplex": "numpy:complex64",
        "longfloat": "numpy:longdouble",
        "unicode_": "numpy:str_",
        "string_": "numpy:bytes_",
        "Inf": "numpy:inf",
        "Infinity": "numpy:inf",
        "infty": "numpy:inf",
        "PINF": "numpy:inf",
        "NaN": "numpy:nan",
        "NAN": "numpy:nan",
        "product": "numpy:prod",
        "cumproduct": "numpy:cumprod",
        "alltrue": "numpy:all",
        "sometrue": "numpy:any",
        "round_": "numpy:round",
        "rank": "numpy:ndim",
        "mat": "numpy:asmatrix",
        "row_stack": "numpy:vstack",
        "in1d": "numpy:isin",
    },
    "NumPy 2.0",
    "np",
)
NUMPY.alias("numpy", {"trapz": "numpy:trapezoid"}, "NumPy 2.4", "np")
NUMPY.constants(
    "numpy",
    {
        "NINF": (float("-inf"), "-np.inf"),
        "PZERO": (0.0, "0.0"),
        "NZERO": (-0.0, "-0.0"),
    },
    "NumPy 2.0",
    "np",
)
NUMPY.alias("numpy", {"typeDict": "numpy:sctypeDict"}, "NumPy 1.25", "np")


def _np() -> Any:
    return sys.modules["numpy"]


@NUMPY.named("numpy", "asscalar", "NumPy 1.23", "array.item()", "np")
def _asscalar(array: Any) -> Any:
    """Gives the one item of the array."""
    return array.item()


@NUMPY.named("numpy", "asfarray", "NumPy 2.0", "np.asarray(a, dtype=float)", "np")
def _asfarray(a: Any, dtype: Any = float) -> Any:
    """Makes an array of floats."""
    return _np().asarray(a, dtype=dtype)


@NUMPY.named("numpy", "msort", "NumPy 2.0", "np.sort(a, axis=0)", "np")
def _msort(a: Any) -> Any:
    """Sorts along the first axis."""
    return _np().sort(a, axis=0)


@NUMPY.named("numpy", "cast", "NumPy 2.0", "np.asarray(a, dtype=t)", "np")
class _Cast:
    """Gives the function that converts to the type in brackets."""

    def __class_getitem__(cls, dtype: Any) -> Any:
        return lambda value: _np().asarray(value).astype(dtype)


@NUMPY.named("numpy", "find_common_type", "NumPy 2.0", "np.result_type(...)", "np")
def _find_common_type(array_types: List[Any], scalar_types: List[Any]) -> Any:
    """Gives the type that all of them fit into."""
    return _np().result_type(*(list(array_types) or list(scalar_types)))


@NUMPY.named("numpy", "issubclass_", "NumPy 2.0", "issubclass", "np")
def _issubclass(a: Any, b: Any) -> bool:
    """Calls issubclass."""
    return isinstance(a, type) and issubclass(a, b)


@NUMPY.named("numpy", "disp", "NumPy 2.0", "print", "np")
def _disp(message: Any, device: Any = None, linefeed: bool = True) -> None:
    """Prints."""
    print(message, file=device, end="\n" if linefeed else "")


@NUMPY.named("numpy", "npv", "NumPy 1.20", "numpy_financial.npv", "np")
def _npv(rate: float, values: Any) -> float:
    """Computes the net present value; the first value is of today."""
    amounts = _np().asarray(values, dtype=float)
    return float((amounts / (1.0 + rate) ** _np().arange(len(amounts))).sum())


@NUMPY.named("numpy", "irr", "NumPy 1.20", "numpy_financial.irr", "np")
def _irr(values: Any) -> float:
    """Computes the internal rate of return: the real root nearest to no interest."""
    np = _np()
    roots = np.roots(np.asarray(values, dtype=float)[::-1])
    real = roots[(abs(roots.imag) < 1e-12) & (roots.real > 0)].real
    if real.size == 0:
        return float("nan")
    rates = 1.0 / real - 1.0
    return float(rates[np.argmin(np.abs(rates))])


def _due(when: Any) -> int:
    return int({"end": 0, "begin": 1}.get(str(when), when))


@NUMPY.named("numpy", "fv", "NumPy 1.20", "numpy_financial.fv", "np")
def _fv(rate: Any, nper: Any, pmt: Any, pv: Any, when: Any = "end") -> Any:
    """Computes the future value."""
    if rate == 0:
        return -(pv + pmt * nper)
    growth = (1.0 + rate) ** nper
    return -(pv * growth + pmt * (1.0 + rate * _due(when)) * (growth - 1.0) / rate)


@NUMPY.named("numpy", "pv", "NumPy 1.20", "numpy_financial.pv", "np")
def _pv(rate: Any, nper: Any, pmt: Any, fv: Any = 0, when: Any = "end") -> Any:
    """Computes the present value."""
    if rate == 0:
        return -(fv + pmt * nper)
    growth = (1.0 + rate) ** nper
    return -(fv + pmt * (1.0 + rate * _due(when)) * (growth - 1.0) / rate) / growth


@NUMPY.named("numpy", "pmt", "NumPy 1.20", "numpy_financial.pmt", "np")
def _pmt(rate: Any, nper: Any, pv: Any, fv: Any = 0, when: Any = "end") -> Any:
    """Computes the payment of each period."""
    if rate == 0:
        return -(fv + pv) / nper
    growth = (1.0 + rate) ** nper
    return -(fv + pv * growth) * rate / ((1.0 + rate * _due(when)) * (growth - 1.0))


@NUMPY.named("numpy", "nper", "NumPy 1.20", "numpy_financial.nper", "np")
def _nper(rate: Any, pmt: Any, pv: Any, fv: Any = 0, when: Any = "end") -> Any:
    """Computes the number of periods."""
    if rate == 0:
        return -(fv + pv) / pmt
    paid = pmt * (1.0 + rate * _due(when)) / rate
    return _np().log((paid - fv) / (paid + pv)) / _np().log(1.0 + rate)


@NUMPY.named("numpy.random", "random_integers", "NumPy 2.4", "np.random.randint(low, high + 1)", "np.random")
def _random_integers(low: Any, high: Any = None, size: Any = None) -> Any:
    """Draws from low to high, both included."""
    first, last = (1, low) if high is None else (low, high)
    return _np().random.randint(first, last + 1, size)


@NUMPY.repair(
    "numpy:histogram",
    "numpy:histogram2d",
    "numpy:histogramdd",
    old="np.histogram(normed=True)",
    gone="NumPy 1.24",
    modern="density=True",
)
def _normed(call: Call) -> bool:
    """Passes it on as density."""
    if "normed" not in call.kwargs:
        return False
    call.kwargs["density"] = call.kwargs.pop("normed")
    return True
