"""Names that pandas dropped between 0.17 and 3.0: methods, functions of the top level, and modules."""

from __future__ import annotations

import datetime
import functools
import sys
from typing import Any, Dict

from skyloom.runner.compatibility import pandas_windows
from skyloom.runner.compatibility.library import Library
from skyloom.runner.compatibility.pandas_indexing import Ix
from skyloom.runner.compatibility.shim import gone_name

PANDAS = Library("pandas")
_FRAME, _SERIES, _INDEX = "pandas:DataFrame", "pandas:Series", "pandas:Index"
_TIMES, _TIMESTAMP = "pandas:DatetimeIndex", "pandas:Timestamp"
_BOTH = (_FRAME, _SERIES)


def _pd() -> Any:
    return sys.modules["pandas"]


def _own(array: Any) -> Any:
    """Give the array, or a copy of one that pandas 3 has locked."""
    return array if array.flags.writeable else array.copy()


PANDAS.value(*_BOTH, name="ix", gone="pandas 1.0", modern=".loc[...] for labels, .iloc[...] for positions")(
    Ix
)


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.to_numpy()")
def as_matrix(frame: Any, columns: Any = None) -> Any:
    """Gives the array; it can be written."""
    return _own((frame if columns is None else frame[columns]).values)


@PANDAS.method(_SERIES, _INDEX, name="as_matrix", gone="pandas 1.0", modern=".to_numpy()")
def _series_as_matrix(series: Any, columns: Any = None) -> Any:
    """Gives the array; it can be written."""
    return _own(series.values)


@PANDAS.method(*_BOTH, _INDEX, gone="pandas 1.0", modern=".to_numpy()")
def get_values(owner: Any) -> Any:
    """Gives the array; it can be written."""
    return _own(owner.values)


@PANDAS.method(_FRAME, gone="pandas 0.20", modern="DataFrame.sort_values(by=...) or .sort_index()")
def sort(
    frame: Any,
    columns: Any = None,
    axis: Any = 0,
    ascending: Any = True,
    inplace: bool = False,
    kind: str = "quicksort",
    na_position: str = "last",
    by: Any = None,
) -> Any:
    """Sorts by the columns, or by the index when there are none."""
    wanted = columns if columns is not None else by
    if wanted is None:
        return frame.sort_index(axis=axis, ascending=ascending, inplace=inplace)
    names = list(wanted) if isinstance(wanted, tuple) else wanted
    # quicksort was stable for few rows, which is what people saw
    stable = "mergesort" if kind == "quicksort" else kind
    return frame.sort_values(
        names, axis=axis, ascending=ascending, inplace=inplace, kind=stable, na_position=na_position
    )


@PANDAS.method(_SERIES, name="sort", gone="pandas 0.20", modern="Series.sort_values(inplace=True)")
def _series_sort(
    series: Any,
    axis: Any = 0,
    ascending: bool = True,
    kind: str = "quicksort",
    na_position: str = "last",
    inplace: bool = True,
) -> Any:
    """Sorts the series itself."""
    return series.sort_values(ascending=ascending, kind=kind, na_position=na_position, inplace=inplace)


@PANDAS.method(_SERIES, gone="pandas 0.20", modern="Series.sort_values()")
def order(
    series: Any,
    na_last: Any = None,
    ascending: bool = True,
    kind: str = "quicksort",
    na_position: str = "last",
    inplace: bool = False,
) -> Any:
    """Gives the series in order."""
    place = na_position if na_last is None else ("last" if na_last else "first")
    return series.sort_values(ascending=ascending, kind=kind, na_position=place, inplace=inplace)


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern=".sort_index(level=...)")
def sortlevel(owner: Any, level: Any = 0, axis: Any = 0, ascending: Any = True, inplace: bool = False) -> Any:
    """Sorts by a level of the index."""
    more = {"axis": axis} if owner.ndim > 1 else {}
    return owner.sort_index(level=level, ascending=ascending, inplace=inplace, **more)


@PANDAS.method(_FRAME, gone="pandas 2.0", modern="pd.concat([df, other])")
def append(
    frame: Any, other: Any, ignore_index: bool = False, verify_integrity: bool = False, sort: bool = False
) -> Any:
    """Gives a new frame with the rows of both."""
    pd = _pd()
    if isinstance(other, dict):
        if not ignore_index:
            raise TypeError("Can only append a dict if ignore_index=True")
        other = pd.Series(other)
    if isinstance(other, pd.Series):
        if other.name is None and not ignore_index:
            raise TypeError("Can only append a Series if ignore_index=True or if the Series has a name")
        row = other.to_frame().T.infer_objects()
        other = row.astype({name: frame[name].dtype for name in row if _fits(row[name], frame, name)})
    elif isinstance(other, list) and other and not isinstance(other[0], (pd.DataFrame, pd.Series)):
        other = pd.DataFrame(other)
    parts = list(other) if isinstance(other, (list, tuple)) else [other]
    parts = [part.to_frame().T.infer_objects() if isinstance(part, pd.Series) else part for part in parts]
    is_bare = not frame.columns.size and not frame.index.size
    # the empty frame that a loop begins with gave its rows no types
    rows = parts if is_bare and parts else [frame, *parts]
    return pd.concat(rows, ignore_index=ignore_index, verify_integrity=verify_integrity, sort=sort)


def _fits(column: Any, frame: Any, name: Any) -> bool:
    """Say whether a new cell has the type of the frame's column: text in the frame stays text."""
    return (
        name in frame.columns
        and frame.columns.is_unique
        and column.dtype == object
        and str(frame[name].dtype) in ("str", "object")
    )


@PANDAS.method(_SERIES, name="append", gone="pandas 2.0", modern="pd.concat([series, other])")
def _series_append(
    series: Any, to_append: Any, ignore_index: bool = False, verify_integrity: bool = False
) -> Any:
    """Gives a new series with the values of both."""
    parts = list(to_append) if isinstance(to_append, (list, tuple)) else [to_append]
    return _pd().concat([series, *parts], ignore_index=ignore_index, verify_integrity=verify_integrity)


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.at[row, column] = value")
def set_value(frame: Any, index: Any, col: Any, value: Any, takeable: bool = False) -> Any:
    """Sets the cell, adding row or column where it is new, and gives the frame."""
    if takeable:
        frame.iloc[index, col] = value
    else:
        Ix(frame)[index, col] = value
    return frame


@PANDAS.method(_SERIES, name="set_value", gone="pandas 1.0", modern="Series.at[label] = value")
def _series_set_value(series: Any, label: Any, value: Any, takeable: bool = False) -> Any:
    """Sets the value and gives the series."""
    if takeable:
        series.iloc[label] = value
    else:
        series.loc[label] = value
    return series


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.at[row, column]")
def get_value(frame: Any, index: Any, col: Any, takeable: bool = False) -> Any:
    """Gives the cell."""
    return frame.iat[index, col] if takeable else frame.at[index, col]


@PANDAS.method(_SERIES, name="get_value", gone="pandas 1.0", modern="Series.at[label]")
def _series_get_value(series: Any, label: Any, takeable: bool = False) -> Any:
    """Gives the value."""
    return series.iat[label] if takeable else series.at[label]


@PANDAS.method(*_BOTH, gone="pandas 0.19", modern=".iloc[i]")
def irow(owner: Any, i: Any) -> Any:
    """Gives the row at a position."""
    return owner.iloc[i]


@PANDAS.method(_SERIES, gone="pandas 0.19", modern=".iloc[i]")
def iget(series: Any, i: Any) -> Any:
    """Gives the value at a position."""
    return series.iloc[i]


@PANDAS.method(_FRAME, gone="pandas 0.19", modern=".iloc[:, i]")
def icol(frame: Any, i: Any) -> Any:
    """Gives the column at a position."""
    return frame.iloc[:, i]


@PANDAS.method(_FRAME, gone="pandas 0.19", modern=".iat[i, j]")
def iget_value(frame: Any, i: Any, j: Any) -> Any:
    """Gives the cell at a position."""
    return frame.iat[i, j]


@PANDAS.method(_SERIES, name="iget_value", gone="pandas 0.19", modern=".iat[i]")
def _series_iget_value(series: Any, i: Any) -> Any:
    """Gives the value at a position."""
    return series.iat[i]


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern="pd.to_numeric, pd.to_datetime or .infer_objects()")
def convert_objects(
    owner: Any,
    convert_dates: Any = True,
    convert_numeric: Any = False,
    convert_timedeltas: Any = True,
    copy: bool = True,
) -> Any:
    """Converts columns of objects; what is no number becomes missing when convert_numeric is set."""
    if owner.ndim == 2:
        return owner.apply(
            lambda column: convert_objects(column, convert_dates, convert_numeric, convert_timedeltas)
        )
    pd = _pd()
    series = owner.infer_objects()
    if str(series.dtype) not in ("object", "str", "string"):
        return series
    if convert_numeric:
        numbers = pd.to_numeric(series, errors="coerce")
        if numbers.notna().any():
            return numbers
    if convert_dates == "coerce":
        times = pd.to_datetime(series, errors="coerce")
        if times.notna().any():
            return times
    return series


@PANDAS.value(
    _FRAME, name="from_csv", gone="pandas 1.0", modern="pd.read_csv(path, index_col=0, parse_dates=True)"
)
def _from_csv(frame_type: Any) -> Any:
    """Reads the file, its first column as an index of dates."""

    def from_csv(
        path: Any,
        header: Any = 0,
        sep: str = ",",
        index_col: Any = 0,
        parse_dates: Any = True,
        encoding: Any = None,
    ) -> Any:
        return _pd().read_csv(
            path, header=header, sep=sep, index_col=index_col, parse_dates=parse_dates, encoding=encoding
        )

    return from_csv


@PANDAS.value(_FRAME, name="from_items", gone="pandas 1.0", modern="pd.DataFrame(dict(items))")
def _from_items(frame_type: Any) -> Any:
    """Makes a frame of (name, values) pairs."""

    def from_items(items: Any, columns: Any = None, orient: str = "columns") -> Any:
        pairs: Dict[Any, Any] = dict(items)
        if orient == "index":
            return frame_type.from_dict(pairs, orient="index", columns=columns)
        return frame_type(pairs, columns=columns)

    return from_items


PANDAS.renamed(_BOTH, {"iteritems": "items"}, "pandas 2.0")
PANDAS.renamed((_FRAME,), {"iterkv": "items"}, "pandas 1.0")
PANDAS.renamed((_FRAME,), {"applymap": "map"}, "pandas 3.0")
PANDAS.renamed(_BOTH, {"pad": "ffill", "backfill": "bfill"}, "pandas 3.0")
PANDAS.renamed((_SERIES,), {"valid": "dropna"}, "pandas 1.0")
PANDAS.renamed(_BOTH, {"tshift": "shift", "slice_shift": "shift"}, "pandas 2.0")
PANDAS.renamed((_INDEX,), {"is_monotonic": "is_monotonic_increasing"}, "pandas 2.0")
PANDAS.renamed((_SERIES,), {"is_monotonic": "is_monotonic_increasing"}, "pandas 2.0")
PANDAS.renamed((_FRAME,), {"delevel": "reset_index"}, "pandas 0.20")


@PANDAS.method(_FRAME, gone="pandas 2.0", modern="a merge, or .to_numpy()[rows, columns]")
def lookup(frame: Any, row_labels: Any, col_labels: Any) -> Any:
    """Gives the cells at pairs of labels, as an array."""
    rows = frame.index.get_indexer(row_labels)
    columns = frame.columns.get_indexer(col_labels)
    if (rows < 0).any() or (columns < 0).any():
        raise KeyError("One or more row or column labels was not found")
    return frame.to_numpy()[rows, columns]


@PANDAS.method(*_BOTH, gone="pandas 2.0", modern="(x - x.mean()).abs().mean()")
def mad(owner: Any, axis: Any = None, skipna: bool = True, level: Any = None) -> Any:
    """Computes the mean absolute deviation."""
    if owner.ndim == 1:
        return (owner - owner.mean()).abs().mean()
    numbers = owner.select_dtypes("number")
    if axis in (1, "columns"):
        return numbers.sub(numbers.mean(axis=1), axis=0).abs().mean(axis=1)
    return (numbers - numbers.mean()).abs().mean()


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.dtypes.value_counts()")
def get_dtype_counts(frame: Any) -> Any:
    """Counts the columns of each type."""
    return frame.dtypes.astype(str).value_counts().sort_index()


@PANDAS.value(_FRAME, gone="pandas 1.0", modern="DataFrame.dtypes")
def ftypes(frame: Any) -> Any:
    """Gives the types of the columns, each with ':dense'."""
    return frame.dtypes.map(lambda dtype: "%s:dense" % dtype)


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern=".loc[[label for label in ... if wanted(label)]]")
def select(owner: Any, crit: Any, axis: Any = 0) -> Any:
    """Gives the rows or columns whose label the function wants."""
    labels = [label for label in owner.axes[owner._get_axis_number(axis)] if crit(label)]
    return owner.reindex(labels, axis=axis) if owner.ndim > 1 else owner.reindex(labels)


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.reindex(labels, axis=...)")
def reindex_axis(frame: Any, labels: Any, axis: Any = 0, **more: Any) -> Any:
    """Gives the frame with these labels."""
    return frame.reindex(labels, axis=axis, **more)


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern=".clip(lower=...)")
def clip_lower(owner: Any, threshold: Any, axis: Any = None, inplace: bool = False) -> Any:
    """Raises all values to the threshold."""
    return owner.clip(lower=threshold, axis=axis, inplace=inplace)


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern=".clip(upper=...)")
def clip_upper(owner: Any, threshold: Any, axis: Any = None, inplace: bool = False) -> Any:
    """Lowers all values to the threshold."""
    return owner.clip(upper=threshold, axis=axis, inplace=inplace)


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.add(other, fill_value=0)")
def combineAdd(frame: Any, other: Any) -> Any:
    """Adds; missing on one side counts as nothing."""
    return frame.add(other, fill_value=0.0)


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="DataFrame.mul(other, fill_value=1)")
def combineMult(frame: Any, other: Any) -> Any:
    """Multiplies; missing on one side counts as one."""
    return frame.mul(other, fill_value=1.0)


@PANDAS.method(*_BOTH, gone="pandas 3.0", modern="DataFrame.transpose()")
def swapaxes(owner: Any, axis1: Any, axis2: Any, copy: bool = True) -> Any:
    """Exchanges rows and columns, or copies when the axes are the same."""
    same = owner.ndim == 1 or owner._get_axis_number(axis1) == owner._get_axis_number(axis2)
    return owner.copy() if same else owner.T.copy()


@PANDAS.method(*_BOTH, name="bool", gone="pandas 3.0", modern=".item()")
def _bool(owner: Any) -> Any:
    """Gives the single true or false."""
    value = owner.to_numpy().item()
    if value is True or value is False:
        return value
    raise ValueError("bool cannot act on a non-boolean single element %s" % type(owner).__name__)


@PANDAS.method(*_BOTH, gone="pandas 3.0", modern=".loc[:end]")
def first(owner: Any, offset: Any) -> Any:
    """Gives the first rows of a time index."""
    if not len(owner):
        return owner
    end = owner.index[0] + _pd().tseries.frequencies.to_offset(offset)
    return owner[owner.index < end]


@PANDAS.method(*_BOTH, gone="pandas 3.0", modern=".loc[start:]")
def last(owner: Any, offset: Any) -> Any:
    """Gives the last rows of a time index."""
    if not len(owner):
        return owner
    start = owner.index[-1] - _pd().tseries.frequencies.to_offset(offset)
    return owner[owner.index > start]


@PANDAS.value(*_BOTH, gone="pandas 1.0", modern="nothing: it was internal")
def is_copy(owner: Any) -> Any:
    """Gives None."""
    return None


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern="nothing: frames are dense")
def to_dense(owner: Any) -> Any:
    """Gives the object itself."""
    return owner


@PANDAS.method(*_BOTH, gone="pandas 1.0", modern="nothing: blocks are merged by themselves")
def consolidate(owner: Any, inplace: bool = False) -> Any:
    """Gives the object itself."""
    return owner


@PANDAS.method(_FRAME, gone="pandas 1.0", modern="df[df.columns[df.dtypes == t]] for each type")
def as_blocks(frame: Any, copy: bool = True) -> Any:
    """Gives a dict from type name to the columns of that type."""
    kinds = frame.dtypes.astype(str)
    return {kind: frame.loc[:, (kinds == kind).to_numpy()] for kind in kinds.unique()}


@PANDAS.method(_SERIES, gone="pandas 1.0", modern="Series.to_numpy().nonzero()")
def nonzero(series: Any) -> Any:
    """Gives the positions of values other than zero."""
    return series.to_numpy().nonzero()


@PANDAS.method(_SERIES, gone="pandas 1.0", modern="series.max() - series.min()")
def ptp(series: Any, axis: Any = None, skipna: bool = True) -> Any:
    """Gives the range of the values."""
    return series.max() - series.min()


@PANDAS.method(_SERIES, gone="pandas 1.0", modern="series[condition]")
def compress(series: Any, condition: Any) -> Any:
    """Gives the values where the condition holds."""
    return series[condition]


@PANDAS.method(_SERIES, gone="pandas 1.0", modern="series.iloc[positions] = values")
def put(series: Any, positions: Any, values: Any) -> None:
    """Sets values at positions."""
    series.iloc[positions] = values


@PANDAS.method(_SERIES, _INDEX, gone="pandas 3.0", modern=".to_numpy()")
def ravel(series: Any, order: str = "C") -> Any:
    """Gives the array."""
    return series.to_numpy()


@PANDAS.method(_SERIES, gone="pandas 3.0", modern=".astype(...) or .to_numpy().view(...)")
def view(series: Any, dtype: Any = None) -> Any:
    """Gives the same bytes as another type."""
    return _pd().Series(series.to_numpy().view(dtype or series.dtype), index=series.index, name=series.name)


@PANDAS.value(_SERIES, gone="pandas 1.0", modern="np.real(series)")
def real(series: Any) -> Any:
    """Gives the real parts."""
    return series.to_numpy().real


@PANDAS.value(_SERIES, gone="pandas 1.0", modern="np.imag(series)")
def imag(series: Any) -> Any:
    """Gives the imaginary parts."""
    return series.to_numpy().imag


@PANDAS.value(_SERIES, _INDEX, gone="pandas 1.0", modern=".astype(object)")
def asobject(series: Any) -> Any:
    """Gives the values as objects."""
    return series.astype(object).to_numpy()


@PANDAS.value(_SERIES, gone="pandas 1.0", modern="series.dtype.itemsize")
def itemsize(series: Any) -> Any:
    """Gives the bytes of one value."""
    return series.dtype.itemsize


@PANDAS.method(_INDEX, gone="pandas 1.0", modern="label in index")
def contains(index: Any, key: Any) -> Any:
    """Says whether the label is there."""
    return key in index


@PANDAS.method(_INDEX, gone="pandas 1.0", modern="str(index)")
def summary(index: Any, name: Any = None) -> str:
    """Gives a line about the index."""
    ends = ", %s to %s" % (index[0], index[-1]) if len(index) else ""
    return "%s: %d entries%s" % (name or type(index).__name__, len(index), ends)


@PANDAS.value("pandas:MultiIndex", gone="pandas 1.0", modern="MultiIndex.codes")
def labels(index: Any) -> Any:
    """Gives the codes."""
    return index.codes


def _accessor(owner: str) -> str:
    return "pandas.core.indexes.accessors:" + owner


_DT = _accessor("DatetimeProperties")


@PANDAS.value(_TIMES, _DT, _TIMESTAMP, gone="pandas 1.0", modern=".day_name()")
def weekday_name(times: Any) -> Any:
    """Gives the names of the days."""
    return times.day_name()


@PANDAS.value(_DT, gone="pandas 2.0", modern=".dt.isocalendar().week")
def weekofyear(times: Any) -> Any:
    """Gives the ISO weeks."""
    return times.isocalendar().week.astype("int64")


PANDAS.value(_DT, name="week", gone="pandas 2.0", modern=".dt.isocalendar().week")(weekofyear)


@PANDAS.value(_TIMES, name="weekofyear", gone="pandas 2.0", modern=".isocalendar().week")
def _index_week(times: Any) -> Any:
    """Gives the ISO weeks."""
    return _pd().Index(times.isocalendar().week.astype("int64").to_numpy())


PANDAS.value(_TIMES, name="week", gone="pandas 2.0", modern=".isocalendar().week")(_index_week)


@PANDAS.method(_TIMESTAMP, _TIMES, gone="pandas 0.23", modern=".to_pydatetime()")
def to_datetime(times: Any) -> Any:
    """Gives datetime objects of the standard library."""
    return times.to_pydatetime()


PANDAS.hopeless("pandas", {"Panel": "a DataFrame with a MultiIndex, or xarray"}, "pandas 0.25", "pd")
PANDAS.hopeless(
    "pandas", {"Panel4D": "xarray", "WidePanel": "a DataFrame with a MultiIndex"}, "pandas 0.25", "pd"
)
PANDAS.hopeless("pandas", {"ols": "statsmodels.api.OLS", "fama_macbeth": "linearmodels"}, "pandas 0.20", "pd")
PANDAS.hopeless(
    "pandas",
    {"SparseDataFrame": "DataFrame with pd.SparseDtype columns", "SparseSeries": "Series of pd.SparseDtype"},
    "pandas 1.0",
    "pd",
)
PANDAS.named("pandas", "TimeGrouper", "pandas 1.0", "pd.Grouper(freq=...)", "pd")(pandas_windows.time_grouper)
for _name, _function in pandas_windows.FUNCTIONS.items():
    PANDAS.named("pandas", _name, "pandas 0.23", pandas_windows.modern_spelling(_name), "pd")(_function)
PANDAS.constants("pandas", {"datetime": (datetime.datetime, "datetime.datetime")}, "pandas 2.0", "pd")
PANDAS.alias("pandas", {"np": "numpy:"}, "pandas 2.0", "pd")
PANDAS.alias(
    "pandas",
    {
        "scatter_matrix": "pandas.plotting:scatter_matrix",
        "plot_params": "pandas.plotting:plot_params",
        "SparseArray": "pandas.arrays:SparseArray",
        "get_store": "pandas:HDFStore",
        "lib": "pandas.api.types:",
        "json": "json:",
        "datetools": "pandas.tseries.offsets:",
        "Int64Index": "pandas:Index",
        "UInt64Index": "pandas:Index",
        "Float64Index": "pandas:Index",
        "TimeSeries": "pandas:Series",
    },
    "pandas 1.0",
    "pd",
)


@PANDAS.named("pandas", "value_counts", "pandas 3.0", "series.value_counts()", "pd")
def _value_counts(values: Any, *args: Any, **kwargs: Any) -> Any:
    """Counts the values."""
    return _pd().Series(values).value_counts(*args, **kwargs)


@PANDAS.named("pandas", "match", "pandas 1.0", "pd.Index(values).get_indexer(to_match)", "pd")
def _match(to_match: Any, values: Any, na_sentinel: int = -1) -> Any:
    """Gives the position of each value, -1 where there is none."""
    found = _pd().Index(values).get_indexer(to_match)
    found[found < 0] = na_sentinel
    return found


PANDAS.module("pandas.tools", "pandas 1.0", "pandas")
PANDAS.module("pandas.tools.plotting", "pandas 1.0", "pandas.plotting", {"*": "pandas.plotting"})
PANDAS.module("pandas.tools.merge", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.tools.pivot", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.tools.tile", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.tools.util", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.stats", "pandas 1.0", "pandas")
PANDAS.module(
    "pandas.stats.moments",
    "pandas 0.23",
    "Series.rolling and .ewm",
    {"*": "skyloom.runner.compatibility.pandas_windows"},
)
PANDAS.hopeless_module("pandas.stats.api", "pandas 0.20", "statsmodels.api.OLS")
PANDAS.hopeless_module("pandas.stats.ols", "pandas 0.20", "statsmodels.api.OLS")
PANDAS.hopeless_module("pandas.io.data", "pandas 0.19", "the package pandas_datareader")
PANDAS.hopeless_module("pandas.io.wb", "pandas 0.19", "the package pandas_datareader")
PANDAS.hopeless_module("pandas.io.ga", "pandas 0.19", "the package pandas_datareader")
PANDAS.module("pandas.util.testing", "pandas 2.0", "pandas.testing", {"*": "pandas.testing"})
PANDAS.module("pandas.core.index", "pandas 2.0", "pandas", {"*": "pandas"})
PANDAS.module(
    "pandas.core.datetools", "pandas 1.0", "pandas.tseries.offsets", {"*": "pandas.tseries.offsets"}
)
PANDAS.module("pandas.datetools", "pandas 1.0", "pandas.tseries.offsets", {"*": "pandas.tseries.offsets"})
PANDAS.module("pandas.tslib", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module(
    "pandas.lib", "pandas 1.0", "pandas.api.types", {"*": "pandas.api.types", "Timestamp": "pandas:Timestamp"}
)
PANDAS.module("pandas.tseries.index", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.tseries.tools", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.tseries.resample", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.core.categorical", "pandas 1.0", "pandas", {"*": "pandas"})
PANDAS.module("pandas.types", "pandas 1.0", "pandas.api.types", {"*": "pandas.api.types"})
PANDAS.module("pandas.types.common", "pandas 1.0", "pandas.api.types", {"*": "pandas.api.types"})
PANDAS.alias(
    "pandas.compat",
    {"StringIO": "io:StringIO", "BytesIO": "io:BytesIO", "OrderedDict": "collections:OrderedDict"},
    "pandas 1.0",
)
PANDAS.constants(
    "pandas.compat",
    {
        "range": (range, "range"),
        "zip": (zip, "zip"),
        "map": (map, "map"),
        "reduce": (functools.reduce, "functools.reduce"),
    },
    "pandas 1.0",
)
PANDAS.alias("pandas.io.json", {"json_normalize": "pandas:json_normalize"}, "pandas 2.0")


class _TrellisPlots:
    """Takes the place of every class of rplot; using one says what to write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise gone_name(_RPLOT)


_RPLOT = PANDAS.module(
    "pandas.tools.rplot",
    "pandas 0.20",
    "the package seaborn (FacetGrid)",
    builds={
        name: lambda: _TrellisPlots
        for name in [
            "RPlot",
            "TrellisGrid",
            "GeomPoint",
            "GeomScatter",
            "GeomHistogram",
            "GeomDensity",
            "GeomDensity2D",
            "GeomPolyFit",
            "ScaleColour",
            "ScaleSize",
            "ScaleShape",
            "ScaleRandomColour",
            "ScaleGradient",
            "ScaleGradient2",
        ]
    },
)
