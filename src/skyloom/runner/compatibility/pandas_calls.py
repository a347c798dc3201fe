"""Calls that pandas no longer takes as they were written: by position, with old keywords, over text."""

from __future__ import annotations

import re
import sys
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from skyloom.runner.compatibility.library import Call, Library
from skyloom.runner.compatibility.pandas_indexing import widen_for

PANDAS_CALLS = Library("pandas")
_repair = PANDAS_CALLS.repair
_FRAME, _SERIES, _GROUPS = "pandas:DataFrame", "pandas:Series", "pandas.core.groupby.generic:DataFrameGroupBy"

# the order of the parameters while they could be given by position (pandas 0.23), without self
_FRAME_ORDERS: Dict[str, Tuple[str, ...]] = {
    "drop": ("labels", "axis", "index", "columns", "level", "inplace", "errors"),
    "dropna": ("axis", "how", "thresh", "subset", "inplace"),
    "fillna": ("value", "method", "axis", "inplace", "limit"),
    "drop_duplicates": ("subset", "keep", "inplace"),
    "duplicated": ("subset", "keep"),
    "sort_values": ("by", "axis", "ascending", "inplace", "kind", "na_position"),
    "sort_index": ("axis", "level", "ascending", "inplace", "kind", "na_position"),
    "reset_index": ("level", "drop", "inplace", "col_level", "col_fill"),
    "set_index": ("keys", "drop", "append", "inplace", "verify_integrity"),
    "any": ("axis", "bool_only", "skipna"),
    "all": ("axis", "bool_only", "skipna"),
    "clip": ("lower", "upper", "axis", "inplace"),
    "interpolate": ("method", "axis", "limit", "inplace"),
    "where": ("cond", "other", "inplace", "axis", "level"),
    "mask": ("cond", "other", "inplace", "axis", "level"),
    "ffill": ("axis", "inplace", "limit"),
    "bfill": ("axis", "inplace", "limit"),
    "replace": ("to_replace", "value", "inplace", "limit", "regex"),
    "pivot": ("index", "columns", "values"),
    "set_axis": ("labels", "axis"),
    "quantile": ("q", "axis", "numeric_only", "interpolation"),
    "rank": ("axis", "method", "numeric_only", "na_option", "ascending", "pct"),
    "sum": ("axis", "skipna"),
    "mean": ("axis", "skipna"),
    "to_csv": ("path_or_buf", "sep", "na_rep", "float_format", "columns", "header", "index"),
    "to_dict": ("orient",),
    "groupby": ("by", "axis", "level", "as_index", "sort", "group_keys"),
    "shift": ("periods", "freq", "axis"),
    "resample": ("rule", "how", "axis"),
    "astype": ("dtype", "copy"),
}
_SERIES_ORDERS: Dict[str, Tuple[str, ...]] = {
    "drop": ("labels", "axis", "index", "columns", "level", "inplace", "errors"),
    "dropna": ("axis", "inplace"),
    "fillna": ("value", "method", "axis", "inplace", "limit"),
    "drop_duplicates": ("keep", "inplace"),
    "duplicated": ("keep",),
    "sort_values": ("axis", "ascending", "inplace", "kind", "na_position"),
    "sort_index": ("axis", "level", "ascending", "inplace", "kind", "na_position"),
    "reset_index": ("level", "drop", "name", "inplace"),
    "replace": ("to_replace", "value", "inplace", "limit", "regex"),
    "value_counts": ("normalize", "sort", "ascending", "bins", "dropna"),
    "clip": ("lower", "upper", "axis", "inplace"),
    "interpolate": ("method", "axis", "limit", "inplace"),
    "where": ("cond", "other", "inplace", "axis", "level"),
    "mask": ("cond", "other", "inplace", "axis", "level"),
    "resample": ("rule", "how", "axis"),
}
_STR_ORDERS: Dict[str, Tuple[str, ...]] = {
    "split": ("pat", "n", "expand"),
    "rsplit": ("pat", "n", "expand"),
    "replace": ("pat", "repl", "n", "case", "flags"),
    "cat": ("others", "sep", "na_rep"),
    "extract": ("pat", "flags", "expand"),
}
_FUNCTION_ORDERS: Dict[str, Tuple[str, ...]] = {
    "concat": ("objs", "axis", "join", "join_axes", "ignore_index", "keys"),
    "read_csv": ("filepath_or_buffer", "sep", "delimiter", "header", "names", "index_col", "usecols"),
    "read_table": ("filepath_or_buffer", "sep", "delimiter", "header", "names", "index_col", "usecols"),
    "read_excel": ("io", "sheet_name", "header"),
    "read_json": ("path_or_buf", "orient"),
    "to_numeric": ("arg", "errors"),
}
_MONTHLY = {
    "M": "ME",
    "Q": "QE",
    "A": "YE",
    "Y": "YE",
    "AS": "YS",
    "BM": "BME",
    "BQ": "BQE",
    "BA": "BYE",
    "BY": "BYE",
    "BAS": "BYS",
    "CBM": "CBME",
    "SM": "SME",
    "H": "h",
    "BH": "bh",
    "T": "min",
    "S": "s",
    "L": "ms",
    "U": "us",
    "N": "ns",
}
_ALIAS = re.compile(r"^(-?\d*)([A-Z]+)(-[A-Z]+)?$")


def _by_position(owner: str, orders: Mapping[str, Tuple[str, ...]], has_self: bool, gone: str) -> None:
    for name, order in orders.items():
        shown = owner.split(":")[1].replace("StringMethods", "Series.str")
        place = "%s.%s" % (shown, name) if has_self else "pd." + name
        target = "%s.%s" % (owner, name) if has_self else "%s:%s" % (owner.split(":")[0], name)
        modern = "%s(%s)" % (place, ", ".join(order[:1] + tuple("%s=..." % word for word in order[1:2])))
        _repair(target, old="%s with arguments by position" % place, gone=gone, modern=modern)(
            _keywords_for(order, 1 if has_self else 0)
        )


def _keywords_for(order: Sequence[str], skipped: int) -> Callable[[Call], bool]:
    def change(call: Call) -> bool:
        """Passes them by their names."""
        message = str(call.error)
        if not isinstance(call.error, TypeError) or "positional" not in message:
            return False
        given = call.args[skipped:]
        allowed = re.search(r"takes (?:from \d+ to )?(\d+) positional", message)
        count = (int(allowed.group(1)) if allowed else 1) - skipped
        extra = dict(zip(order[count:], given[count:]))
        if len(given) > len(order) or set(extra) & set(call.kwargs):
            return False
        call.args = call.args[: skipped + count]
        call.kwargs.update(extra)
        return True

    return change


_by_position(_FRAME, _FRAME_ORDERS, True, "pandas 2.0")
_by_position(_SERIES, _SERIES_ORDERS, True, "pandas 2.0")
_by_position("pandas.core.strings.accessor:StringMethods", _STR_ORDERS, True, "pandas 2.0")
_by_position("pandas:pd", _FUNCTION_ORDERS, False, "pandas 2.0")


def _methods(owners: Sequence[str], names: str) -> List[str]:
    return ["%s.%s" % (owner, name) for owner in owners for name in names.split()]


@_repair(
    *_methods((_FRAME, _SERIES), "fillna"),
    old="fillna(method='ffill')",
    gone="pandas 3.0",
    modern=".ffill() or .bfill()",
)
def _fill_by_method(call: Call) -> bool:
    """Calls ffill or bfill."""
    method = call.kwargs.pop("method", None)
    if method is None:
        return False
    options = {
        name: call.kwargs[name] for name in ("axis", "limit", "inplace") if call.kwargs.get(name) is not None
    }
    owner = call.args[0]
    call.instead = lambda: (owner.ffill if method in ("ffill", "pad") else owner.bfill)(**options)
    return True


@_repair(
    *_methods((_FRAME, _SERIES), "replace"),
    old="replace(method='pad')",
    gone="pandas 3.0",
    modern=".replace(x, np.nan).ffill()",
)
def _replace_by_method(call: Call) -> bool:
    """Takes the values before or after."""
    method = call.kwargs.pop("method", None)
    if method is None:
        return False
    call.kwargs.setdefault("value", None)
    if call.kwargs["value"] is None:
        call.kwargs["value"] = float("nan")
        forward = method in ("pad", "ffill")
        call.after.append(lambda result: result.ffill() if forward else result.bfill())
    return True


@_repair(
    *_methods((_FRAME, _SERIES), "drop_duplicates duplicated"),
    old="drop_duplicates(cols=..., take_last=True)",
    gone="pandas 0.20",
    modern="drop_duplicates(subset=..., keep='last')",
)
def _take_last(call: Call) -> bool:
    """Passes them on as subset and keep."""
    changed = False
    if "cols" in call.kwargs:
        call.kwargs["subset"] = call.kwargs.pop("cols")
        changed = True
    if "take_last" in call.kwargs:
        call.kwargs["keep"] = "last" if call.kwargs.pop("take_last") else "first"
        changed = True
    return changed


@_repair(
    _FRAME + ".dropna", old="dropna(how=..., thresh=...)", gone="pandas 2.0", modern="dropna(thresh=...)"
)
def _how_and_thresh(call: Call) -> bool:
    """Leaves the one that did not count aside."""
    if not ("how" in call.kwargs and "thresh" in call.kwargs):
        return False
    call.kwargs.pop("how" if call.kwargs["thresh"] is not None else "thresh")
    return True


@_repair(
    *_methods((_FRAME, _SERIES), "sum mean median min max std var prod count any all"),
    old="df.sum(level=0)",
    gone="pandas 2.0",
    modern="df.groupby(level=0).sum()",
)
def _by_level(call: Call) -> bool:
    """Groups by the level first."""
    level = call.kwargs.get("level")
    if level is None or not isinstance(call.error, TypeError):
        return False
    owner, name = call.args[0], call.function.__name__
    call.instead = lambda: getattr(owner.groupby(level=level), name)()
    return True


@_repair(
    *_methods((_FRAME,), "mean median std var sem skew kurt prod corr cov quantile corrwith"),
    *_methods((_GROUPS,), "mean median std var sem skew prod corr cov quantile"),
    old="df.mean() with columns of text",
    gone="pandas 2.0",
    modern="df.mean(numeric_only=True)",
)
def _numbers_only(call: Call) -> bool:
    """Leaves columns that are no numbers aside, as it did."""
    if "numeric_only" in call.kwargs or not isinstance(
        call.error, (TypeError, ValueError, NotImplementedError)
    ):
        return False
    owner = getattr(call.args[0], "obj", call.args[0])
    if not any(getattr(dtype, "kind", "O") in "OSUM" for dtype in owner.dtypes):
        return False
    call.kwargs["numeric_only"] = True
    return True


@_repair(
    _FRAME + ".resample",
    _SERIES + ".resample",
    old="resample(rule, how='mean')",
    gone="pandas 0.25",
    modern="resample(rule).mean()",
)
def _resample_how(call: Call) -> bool:
    """Resamples, then aggregates."""
    how = call.kwargs.pop("how", None)
    fill = call.kwargs.pop("fill_method", None)
    limit = call.kwargs.pop("limit", None)
    if how is None and fill is None:
        return False
    call.kwargs.pop("axis", None)
    if how is not None:
        call.after.append(lambda windows: windows.ohlc() if how == "ohlc" else windows.agg(how))
    if fill is not None:
        call.after.append(
            lambda rows: rows.ffill(limit=limit) if fill in ("ffill", "pad") else rows.bfill(limit=limit)
        )
    return True


@_repair(
    *_methods((_FRAME, _SERIES), "resample asfreq shift"),
    "pandas:date_range",
    "pandas:bdate_range",
    "pandas:timedelta_range",
    "pandas:Grouper.__init__",
    "pandas:to_timedelta",
    *_methods(("pandas:DatetimeIndex",), "floor ceil round shift"),
    *_methods(("pandas.core.indexes.accessors:DatetimeProperties",), "floor ceil round"),
    "pandas.tseries.frequencies:to_offset",
    old="frequencies M, Q, A, H, T, S, L",
    gone="pandas 3.0",
    modern="ME, QE, YE, h, min, s, ms",
)
def _frequency(call: Call) -> bool:
    """Takes today's letters."""
    if not isinstance(call.error, ValueError) or (
        "req" not in str(call.error) and "unit" not in str(call.error)
    ):
        return False
    changed = False
    for place, value in enumerate(call.args):
        new = modern_frequency(value)
        if new is not value:
            call.args[place], changed = new, True
    for name in ("freq", "rule", "unit"):
        value = call.kwargs.get(name)
        new = modern_frequency(value)
        if new is not value:
            call.kwargs[name], changed = new, True
    return changed


def modern_frequency(value: Any) -> Any:
    """Give today's letters for a frequency.

    >>> modern_frequency("3M"), modern_frequency("Q-JAN"), modern_frequency("D")
    ('3ME', 'QE-JAN', 'D')
    """
    match = _ALIAS.match(value) if isinstance(value, str) else None
    if match is None or match.group(2) not in _MONTHLY:
        return value
    return match.group(1) + _MONTHLY[match.group(2)] + (match.group(3) or "")


@_repair(
    "pandas:to_datetime",
    old="pd.to_datetime of several formats",
    gone="pandas 2.0",
    modern="pd.to_datetime(x, format='mixed')",
)
def _mixed_formats(call: Call) -> bool:
    """Reads each value by its own format."""
    if not isinstance(call.error, ValueError) or call.kwargs.get("format") is not None or len(call.args) > 1:
        return False
    call.kwargs["format"] = "mixed"
    return True


@_repair(
    "pandas:to_datetime",
    old="pd.to_datetime(infer_datetime_format=True, box=..., coerce=True)",
    gone="pandas 3.0",
    modern="pd.to_datetime(x, errors='coerce')",
)
def _old_time_words(call: Call) -> bool:
    """Leaves aside what is the rule now, and passes coerce on as errors."""
    changed = False
    for name in ("infer_datetime_format", "box", "coerce"):
        if name in call.kwargs:
            value = call.kwargs.pop(name)
            changed = True
            if name == "coerce" and value:
                call.kwargs["errors"] = "coerce"
    return changed


@_repair(
    "pandas:to_datetime",
    "pandas:to_numeric",
    "pandas:to_timedelta",
    old="errors='ignore'",
    gone="pandas 3.0",
    modern="try and except ValueError",
)
def _errors_ignored(call: Call) -> bool:
    """Gives the values as they are when they cannot be converted."""
    if call.kwargs.get("errors") != "ignore":
        return False
    values = call.args[0] if call.args else call.kwargs.get("arg")
    call.kwargs["errors"] = "coerce"
    call.after.append(lambda result: values if _lost_any(values, result) else result)
    return True


def _lost_any(before: Any, after: Any) -> bool:
    pandas: Any = sys.modules["pandas"]
    return bool((pandas.Series(after).isna().to_numpy() & ~pandas.Series(before).isna().to_numpy()).any())


_READ_RENAMED = {"sheetname": "sheet_name", "skip_footer": "skipfooter", "parse_cols": "usecols"}
_READ_DROPPED = (
    "tupleize_cols",
    "mangle_dupe_cols",
    "warn_bad_lines",
    "infer_datetime_format",
    "prefix",
    "compact_ints",
    "buffer_lines",
    "as_recarray",
    "convert_float",
    "verbose",
    "keep_date_col",
)


@_repair(
    "pandas:read_csv",
    "pandas:read_table",
    "pandas:read_excel",
    "pandas:read_fwf",
    old="pd.read_csv(error_bad_lines=False, delim_whitespace=True, squeeze=True, ...)",
    gone="pandas 2.0",
    modern="on_bad_lines='skip', sep=r'\\s+', .squeeze('columns')",
)
def _old_reading(call: Call) -> bool:
    """Passes them by their names of today, or leaves them aside."""
    before = dict(call.kwargs)
    kwargs = call.kwargs
    for old, new in _READ_RENAMED.items():
        if old in kwargs:
            kwargs[new] = kwargs.pop(old)
    if kwargs.pop("error_bad_lines", None) is False:
        kwargs["on_bad_lines"] = "skip"
    if kwargs.pop("delim_whitespace", None):
        kwargs["sep"] = r"\s+"
    if kwargs.pop("squeeze", False):
        call.after.append(lambda frame: frame.squeeze("columns"))
    parser = kwargs.pop("date_parser", None)
    if parser is not None:
        names = kwargs.get("parse_dates")
        if isinstance(names, (list, tuple)):
            kwargs.pop("parse_dates")
            call.after.append(lambda frame: _parsed(frame, names, parser))
    for name in _READ_DROPPED:
        kwargs.pop(name, None)
    return kwargs != before


def _parsed(frame: Any, names: Sequence[Any], parser: Callable[[Any], Any]) -> Any:
    pandas: Any = sys.modules["pandas"]
    for name in names:
        place = frame.columns[name] if isinstance(name, int) else name
        frame[place] = pandas.to_datetime(frame[place].map(parser))
    return frame


@_repair(
    *_methods((_FRAME, _SERIES), "to_csv"),
    old="to_csv(line_terminator=..., cols=...)",
    gone="pandas 2.0",
    modern="lineterminator=..., columns=...",
)
def _old_writing(call: Call) -> bool:
    """Passes them by their names of today, or leaves them aside."""
    before = dict(call.kwargs)
    for old, new in {"line_terminator": "lineterminator", "cols": "columns"}.items():
        if old in call.kwargs:
            call.kwargs[new] = call.kwargs.pop(old)
    call.kwargs.pop("tupleize_cols", None)
    return call.kwargs != before


@_repair(
    "pandas:pivot_table",
    _FRAME + ".pivot_table",
    "pandas:crosstab",
    old="pivot_table(rows=..., cols=...)",
    gone="pandas 0.17",
    modern="pivot_table(index=..., columns=...)",
)
def _rows_and_columns(call: Call) -> bool:
    """Passes them on as index and columns."""
    changed = False
    for old, new in {"rows": "index", "cols": "columns"}.items():
        if old in call.kwargs:
            call.kwargs[new] = call.kwargs.pop(old)
            changed = True
    return changed


@_repair(
    "pandas:concat",
    old="pd.concat(join_axes=[index])",
    gone="pandas 1.0",
    modern="pd.concat(...).reindex(index)",
)
def _join_axes(call: Call) -> bool:
    """Joins, then takes these labels."""
    axes = call.kwargs.pop("join_axes", None)
    if not axes:
        return False
    other = 0 if call.kwargs.get("axis", 0) in (1, "columns") else 1
    call.after.append(lambda frame: frame.reindex(axes[0], axis=other))
    return True


@_repair(_FRAME + ".groupby", old="groupby(..., axis=1)", gone="pandas 3.0", modern="df.T.groupby(...)....T")
def _group_columns(call: Call) -> bool:
    """Groups the columns by way of the transposed frame; axis=0 is left aside."""
    axis = call.kwargs.pop("axis", None)
    if axis is None:
        return False
    call.kwargs.pop("squeeze", None)
    if axis in (1, "columns"):
        call.args[0] = call.args[0].T
        call.after.append(_Transposed)
    return True


class _Transposed:
    """Groups of columns: every result is turned back."""

    def __init__(self, groups: Any) -> None:
        self._groups = groups

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._groups, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            return result.T if hasattr(result, "T") else result

        return call


@_repair(
    _FRAME + ".groupby",
    _SERIES + ".groupby",
    old="groupby(squeeze=True)",
    gone="pandas 2.0",
    modern="groupby(...)",
)
def _squeeze(call: Call) -> bool:
    """Leaves it aside."""
    return call.kwargs.pop("squeeze", None) is not None


@_repair(
    _GROUPS + ".agg",
    _GROUPS + ".aggregate",
    "pandas.core.groupby.generic:SeriesGroupBy.agg",
    "pandas.core.groupby.generic:SeriesGroupBy.aggregate",
    old="groupby(...).agg({'a': {'name': f}})",
    gone="pandas 1.0",
    modern="groupby(...).agg(name=('a', f))",
)
def _renaming_aggregation(call: Call) -> bool:
    """Aggregates, then gives the columns those names."""
    rules = call.args[1] if len(call.args) > 1 else call.kwargs.get("func")
    if type(call.error).__name__ != "SpecificationError" or not isinstance(rules, dict):
        return False
    nested = {name: rule for name, rule in rules.items() if isinstance(rule, dict)}
    if nested:
        flat = [(name, label, f) for name, rule in rules.items() for label, f in _pairs(rule)]
        new: Any = {name: [f for owner, _, f in flat if owner == name] for name in rules}
        labels: List[Any] = [(name, label) for name, label, _ in flat]
        call.after.append(lambda frame: _with_columns(frame, labels))
    else:
        new = list(rules.values())
        call.after.append(lambda frame: _with_columns(frame, list(rules)))
    if len(call.args) > 1:
        call.args[1] = new
    else:
        call.kwargs["func"] = new
    return True


def _pairs(rule: Any) -> List[Tuple[Any, Any]]:
    if isinstance(rule, dict):
        return list(rule.items())
    return [(getattr(f, "__name__", f), f) for f in (rule if isinstance(rule, list) else [rule])]


def _with_columns(frame: Any, labels: List[Any]) -> Any:
    pandas: Any = sys.modules["pandas"]
    frame.columns = pandas.MultiIndex.from_tuples(labels) if isinstance(labels[0], tuple) else labels
    return frame


@_repair(
    _FRAME + ".select",
    old="df.select(function)",
    gone="pandas 1.0",
    modern="df.loc[[label for label in df.index if wanted(label)]]",
)
def _select_by_function(call: Call) -> bool:
    """Gives the rows or columns whose label the function wants."""
    wanted = call.args[1] if len(call.args) > 1 else call.kwargs.get("crit")
    if not callable(wanted):
        return False
    owner = call.args[0]
    axis = owner._get_axis_number(call.kwargs.get("axis", call.args[2] if len(call.args) > 2 else 0))
    call.instead = lambda: owner.reindex([label for label in owner.axes[axis] if wanted(label)], axis=axis)
    return True


@_repair(
    "pandas:set_option",
    old="pd.set_option of an option that is gone",
    gone="pandas 1.0",
    modern="nothing: leave the line out",
)
def _lost_option(call: Call) -> bool:
    """Does nothing."""
    name = call.args[0] if call.args else ""
    if type(call.error).__name__ == "OptionError" or (
        name == "display.max_colwidth" and call.args[1:] == [-1]
    ):
        call.instead = lambda: None
        if "colwidth" in str(name):
            call.args[1], call.instead = None, None
        return True
    return False


@_repair(
    "pandas._config.config:DictWrapper.__setattr__",
    old="pd.options.display.mpl_style = 'default'",
    gone="pandas 0.23",
    modern="nothing: leave the line out",
)
def _lost_option_set(call: Call) -> bool:
    """Does nothing."""
    call.instead = lambda: None
    return type(call.error).__name__ == "OptionError"


@_repair(
    "pandas.core.indexing:_LocIndexer.__setitem__",
    "pandas.core.indexing:_iLocIndexer.__setitem__",
    old="df.loc[rows, 'a'] = 'text' in a column of numbers",
    gone="pandas 3.0",
    modern="df['a'] = df['a'].astype(object) first",
)
def _wider(call: Call) -> bool:
    """Gives the column a type that can hold the value, as it did."""
    if not isinstance(call.error, TypeError) or "nvalid value" not in str(call.error):
        return False
    indexer, key, value = call.args
    return widen_for(indexer.obj, key, value, by_position=type(indexer).__name__ == "_iLocIndexer")


@_repair(_SERIES + ".__getitem__", old="series[0] by position", gone="pandas 3.0", modern="series.iloc[0]")
def _position(call: Call) -> bool:
    """Takes the position where the labels are no numbers."""
    series, key = call.args
    if not isinstance(call.error, KeyError) or isinstance(key, bool) or not hasattr(key, "__index__"):
        return False
    if series.index.inferred_type in ("integer", "floating", "mixed-integer") or not -len(
        series
    ) <= key < len(series):
        return False
    place = int(key)
    call.instead = lambda: series.iloc[place]
    return True


@_repair(
    "pandas.plotting._core:PlotAccessor.__call__",
    old="df.plot(axes=ax)",
    gone="matplotlib 1.5",
    modern="df.plot(ax=ax)",
    is_first=True,
)
def _plot_axes(call: Call) -> bool:
    """Draws on those axes."""
    if "axes" not in call.kwargs:
        return False
    call.kwargs["ax"] = call.kwargs.pop("axes")
    return True
