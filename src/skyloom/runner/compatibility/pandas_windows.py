"""``pd.rolling_mean`` and its family, and ``pd.TimeGrouper``: functions that became methods of windows."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict

_PLAIN = ("mean", "sum", "median", "min", "max", "std", "var", "skew", "kurt", "count")
_PAIRS = ("corr", "cov")


def time_grouper(
    freq: Any = None, closed: Any = None, label: Any = None, how: str = "mean", **more: Any
) -> Any:
    """Makes a grouper of the time index."""
    more.pop("nperiods", None)
    return sys.modules["pandas"].Grouper(freq=freq, closed=closed, label=label, **more)


def _rolling(name: str) -> Callable[..., Any]:
    def roll(
        arg: Any,
        window: Any,
        min_periods: Any = None,
        freq: Any = None,
        center: bool = False,
        how: Any = None,
        **more: Any,
    ) -> Any:
        """Calls .rolling(window)."""
        if name == "count" and min_periods is None:
            min_periods = 0
        windows = _dataframe(arg).rolling(window, min_periods=min_periods, center=center)
        return getattr(windows, name)(**more)

    return roll


def _expanding(name: str) -> Callable[..., Any]:
    def expand(arg: Any, min_periods: int = 1, freq: Any = None, **more: Any) -> Any:
        """Calls .expanding()."""
        return getattr(_dataframe(arg).expanding(min_periods=min_periods), name)(**more)

    return expand


def _rolling_pair(name: str) -> Callable[..., Any]:
    def roll(
        arg1: Any,
        arg2: Any = None,
        window: Any = None,
        min_periods: Any = None,
        center: bool = False,
        pairwise: Any = None,
    ) -> Any:
        """Calls .rolling(window) with the other series."""
        windows = _dataframe(arg1).rolling(window, min_periods=min_periods, center=center)
        return getattr(windows, name)(arg2, pairwise=pairwise)

    return roll


def _expanding_pair(name: str) -> Callable[..., Any]:
    def expand(arg1: Any, arg2: Any = None, min_periods: int = 1, pairwise: Any = None) -> Any:
        """Calls .expanding() with the other series."""
        return getattr(_dataframe(arg1).expanding(min_periods=min_periods), name)(arg2, pairwise=pairwise)

    return expand


def _decaying(name: str) -> Callable[..., Any]:
    def decay(
        arg: Any,
        com: Any = None,
        span: Any = None,
        halflife: Any = None,
        min_periods: int = 0,
        freq: Any = None,
        adjust: bool = True,
        how: Any = None,
        ignore_na: bool = False,
        **more: Any,
    ) -> Any:
        """Calls .ewm(...)."""
        windows = _dataframe(arg).ewm(
            com=com, span=span, halflife=halflife, min_periods=min_periods, adjust=adjust, ignore_na=ignore_na
        )
        return getattr(windows, name)(**more)

    return decay


def _apply(
    arg: Any,
    window: Any,
    func: Any,
    min_periods: Any = None,
    freq: Any = None,
    center: bool = False,
    args: Any = (),
    kwargs: Any = None,
) -> Any:
    """Calls .rolling(window).apply."""
    windows = _dataframe(arg).rolling(window, min_periods=min_periods, center=center)
    return windows.apply(func, raw=True, args=args, kwargs=kwargs)


def _quantile(
    arg: Any, window: Any, quantile: float, min_periods: Any = None, freq: Any = None, center: bool = False
) -> Any:
    """Calls .rolling(window).quantile."""
    return _dataframe(arg).rolling(window, min_periods=min_periods, center=center).quantile(quantile)


def _window(
    arg: Any,
    window: Any = None,
    win_type: Any = None,
    min_periods: Any = None,
    freq: Any = None,
    center: bool = False,
    mean: bool = True,
    **more: Any,
) -> Any:
    """Calls .rolling(window, win_type=...)."""
    windows = _dataframe(arg).rolling(window, win_type=win_type, min_periods=min_periods, center=center)
    return windows.mean(**more) if mean else windows.sum(**more)


def _dataframe(values: Any) -> Any:
    """Take arrays too, as the functions did."""
    if hasattr(values, "rolling"):
        return values
    pandas = sys.modules["pandas"]
    return pandas.Series(values) if getattr(values, "ndim", 1) == 1 else pandas.DataFrame(values)


def modern_spelling(name: str) -> str:
    """Say how a function of the family is written today.

    >>> modern_spelling("rolling_mean")
    'series.rolling(window).mean()'
    """
    kind, _, what = name.partition("_")
    if kind == "rolling":
        return "series.rolling(window).%s()" % ("mean" if what == "window" else what)
    if kind == "expanding":
        return "series.expanding().%s()" % what
    return "series.ewm(...).%s()" % {"ewma": "mean", "ewmvar": "var"}.get(name, "std")


def _functions() -> Dict[str, Callable[..., Any]]:
    found: Dict[str, Callable[..., Any]] = {}
    for name in _PLAIN:
        found["rolling_" + name] = _rolling(name)
        found["expanding_" + name] = _expanding(name)
    for name in _PAIRS:
        found["rolling_" + name] = _rolling_pair(name)
        found["expanding_" + name] = _expanding_pair(name)
    found.update(rolling_apply=_apply, rolling_quantile=_quantile, rolling_window=_window)
    found.update(
        ewma=_decaying("mean"), ewmstd=_decaying("std"), ewmvol=_decaying("std"), ewmvar=_decaying("var")
    )
    return found


FUNCTIONS = _functions()
globals().update(FUNCTIONS)  # pandas.stats.moments is looked up here
