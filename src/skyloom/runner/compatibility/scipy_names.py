"""Names that SciPy dropped: scipy.misc, NumPy's functions at its top, statistics that moved."""

from __future__ import annotations

import sys
from typing import Any, Tuple

from skyloom.runner.compatibility.library import Call, Library

SCIPY = Library("scipy")
_ARRAY_NAMES = [
    "interp",
    "linspace",
    "logspace",
    "arange",
    "array",
    "asarray",
    "zeros",
    "ones",
    "zeros_like",
    "ones_like",
    "eye",
    "mean",
    "median",
    "std",
    "var",
    "sum",
    "prod",
    "cumsum",
    "exp",
    "log",
    "log2",
    "log10",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "arctan",
    "arctan2",
    "pi",
    "e",
    "inf",
    "nan",
    "isnan",
    "isfinite",
    "where",
    "sort",
    "argsort",
    "unique",
    "dot",
    "vstack",
    "hstack",
    "concatenate",
    "polyfit",
    "polyval",
    "poly1d",
    "histogram",
    "around",
    "floor",
    "ceil",
    "absolute",
    "maximum",
    "minimum",
    "float64",
    "int32",
    "corrcoef",
    "cov",
    "diff",
]
SCIPY.alias("scipy", {name: "numpy:" + name for name in _ARRAY_NAMES}, "SciPy 1.12")
SCIPY.alias("scipy", {"randn": "numpy.random:randn", "rand": "numpy.random:rand"}, "SciPy 1.12")
SCIPY.alias("scipy", {"random": "numpy.random:"}, "SciPy 1.9")
SCIPY.alias("scipy", {"fft": "scipy.fft:", "ifft": "scipy.fft:ifft"}, "SciPy 1.5")
SCIPY.alias(
    "scipy.misc",
    {
        "comb": "scipy.special:comb",
        "factorial": "scipy.special:factorial",
        "factorial2": "scipy.special:factorial2",
        "logsumexp": "scipy.special:logsumexp",
        "imread": "matplotlib.pyplot:imread",
        "imsave": "matplotlib.pyplot:imsave",
        "face": "scipy.datasets:face",
        "ascent": "scipy.datasets:ascent",
        "electrocardiogram": "scipy.datasets:electrocardiogram",
    },
    "SciPy 1.12",
)
SCIPY.hopeless(
    "scipy.misc",
    {
        "imresize": "PIL.Image.resize",
        "toimage": "PIL.Image.fromarray",
        "lena": "scipy.datasets.face",
        "imrotate": "PIL.Image.rotate",
    },
    "SciPy 1.3",
)
SCIPY.module(
    "scipy.misc",
    "SciPy 2.0",
    "scipy.special and scipy.datasets",
    {
        "comb": "scipy.special:comb",
        "factorial": "scipy.special:factorial",
        "logsumexp": "scipy.special:logsumexp",
        "imread": "matplotlib.pyplot:imread",
    },
)
SCIPY.hopeless_module("scipy.weave", "SciPy 0.19", "NumPy, or the package numba")
SCIPY.alias(
    "scipy.stats",
    {
        "nanmean": "numpy:nanmean",
        "nanmedian": "numpy:nanmedian",
        "chisqprob": "scipy.special:chdtrc",
        "betai": "scipy.special:betainc",
        "histogram": "numpy:histogram",
    },
    "SciPy 1.0",
)
SCIPY.alias(
    "scipy.integrate",
    {
        "trapz": "scipy.integrate:trapezoid",
        "simps": "scipy.integrate:simpson",
        "cumtrapz": "scipy.integrate:cumulative_trapezoid",
    },
    "SciPy 1.14",
)
SCIPY.alias(
    "scipy.signal",
    {
        name: "scipy.signal.windows:" + name
        for name in [
            "hamming",
            "hann",
            "gaussian",
            "boxcar",
            "blackman",
            "bartlett",
            "blackmanharris",
            "kaiser",
            "triang",
            "tukey",
            "parzen",
        ]
    },
    "SciPy 1.13",
)
SCIPY.alias("scipy.signal", {"hanning": "scipy.signal.windows:hann"}, "SciPy 1.1")
SCIPY.alias("scipy.linalg", {"pinv2": "scipy.linalg:pinv"}, "SciPy 1.9")
SCIPY.alias("scipy.linalg", {"triu": "numpy:triu", "tril": "numpy:tril", "tri": "numpy:tri"}, "SciPy 1.13")
SCIPY.alias("scipy.spatial.distance", {"matching": "scipy.spatial.distance:hamming"}, "SciPy 1.10")


def _np() -> Any:
    return sys.modules["numpy"]


@SCIPY.named("scipy.misc", "derivative", "SciPy 1.12", "the package numdifftools")
def _derivative(
    func: Any, x0: float, dx: float = 1.0, n: int = 1, args: Tuple[Any, ...] = (), order: int = 3
) -> Any:
    """Computes it from central differences on ``order`` points."""
    np = _np()
    half = order // 2
    places = np.arange(-half, half + 1)
    moments = np.vander(places.astype(float), order, increasing=True).T
    wanted = np.zeros(order)
    wanted[n] = float(np.prod(np.arange(1, n + 1)))
    weights = np.linalg.solve(moments, wanted)
    return sum(weight * func(x0 + place * dx, *args) for weight, place in zip(weights, places)) / dx**n


@SCIPY.named("scipy.stats", "nanstd", "SciPy 0.18", "np.nanstd(a, ddof=1)")
def _nanstd(x: Any, axis: Any = 0, bias: bool = False) -> Any:
    """Computes np.nanstd with one degree of freedom less, as it did."""
    return _np().nanstd(x, axis=axis, ddof=0 if bias else 1)


@SCIPY.named("scipy.stats", "itemfreq", "SciPy 1.3", "np.unique(a, return_counts=True)")
def _itemfreq(a: Any) -> Any:
    """Gives the values and how often each occurs, in two columns."""
    np = _np()
    return np.array(np.unique(a, return_counts=True)).T


@SCIPY.named("scipy.stats", "ss", "SciPy 0.18", "np.sum(np.square(a))")
def _ss(a: Any, axis: Any = 0) -> Any:
    """Sums the squares."""
    return _np().sum(_np().square(a), axis=axis)


@SCIPY.named("scipy.stats", "binom_test", "SciPy 1.12", "scipy.stats.binomtest(...).pvalue")
def _binom_test(x: Any, n: Any = None, p: float = 0.5, alternative: str = "two-sided") -> float:
    """Gives the p-value."""
    if n is None:
        x, n = int(x[0]), int(x[0] + x[1])
    return float(sys.modules["scipy.stats"].binomtest(int(x), int(n), p, alternative).pvalue)


@SCIPY.named("scipy.stats", "median_absolute_deviation", "SciPy 1.7", "scipy.stats.median_abs_deviation")
def _median_absolute_deviation(x: Any, axis: Any = 0, scale: float = 1.4826, **more: Any) -> Any:
    """Gives the deviation times 1.4826, as it did."""
    return sys.modules["scipy.stats"].median_abs_deviation(x, axis=axis, **more) * scale


@SCIPY.named("scipy.stats", "signaltonoise", "SciPy 1.0", "a.mean() / a.std()")
def _signaltonoise(a: Any, axis: Any = 0, ddof: int = 0) -> Any:
    """Divides the mean by the standard deviation."""
    np = _np()
    values = np.asanyarray(a)
    mean, deviation = values.mean(axis), values.std(axis=axis, ddof=ddof)
    return np.where(deviation == 0, 0, mean / deviation)


@SCIPY.named("scipy.stats", "threshold", "SciPy 1.0", "np.clip")
def _threshold(a: Any, threshmin: Any = None, threshmax: Any = None, newval: Any = 0) -> Any:
    """Puts the new value where values are outside the limits."""
    values = _np().array(a, copy=True)
    if threshmin is not None:
        values[values < threshmin] = newval
    if threshmax is not None:
        values[values > threshmax] = newval
    return values


@SCIPY.repair(
    "scipy.integrate:simpson",
    "scipy.integrate:trapezoid",
    old="scipy.integrate.simps(y, x) by position",
    gone="SciPy 1.14",
    modern="simpson(y, x=x)",
)
def _integrate_by_position(call: Call) -> bool:
    """Passes them by their names."""
    if not isinstance(call.error, TypeError) or len(call.args) < 2:
        return False
    call.kwargs.update(zip(("x", "dx", "axis"), call.args[1:]))
    call.args = call.args[:1]
    return True
