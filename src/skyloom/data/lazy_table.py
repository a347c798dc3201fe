"""What can be done with a tabular dataset before it is read: each gives another dataset, and reads nothing.

The SDK's TabularDataset and the one that a step script gets share this. Also runs inside boxes (Python 3.8).
Source: sdk.md 6.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from skyloom.core.dataset_definition import with_step

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bound="LazyTable")


class Expression:
    """A condition or a value over columns, for ``filter``."""

    def __init__(self, body: List[Any]) -> None:
        self.body = body

    def _with(self, name: str, other: Any) -> Expression:
        return Expression([name, self.body, _plain(other)])

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return self._with("==", other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return self._with("!=", other)

    def __lt__(self, other: Any) -> Expression:
        return self._with("<", other)

    def __le__(self, other: Any) -> Expression:
        return self._with("<=", other)

    def __gt__(self, other: Any) -> Expression:
        return self._with(">", other)

    def __ge__(self, other: Any) -> Expression:
        return self._with(">=", other)

    def __and__(self, other: Any) -> Expression:
        return self._with("and", other)

    def __or__(self, other: Any) -> Expression:
        return self._with("or", other)

    def __add__(self, other: Any) -> Expression:
        return self._with("+", other)

    def __sub__(self, other: Any) -> Expression:
        return self._with("-", other)

    def __mul__(self, other: Any) -> Expression:
        return self._with("*", other)

    def __truediv__(self, other: Any) -> Expression:
        return self._with("/", other)

    def __invert__(self) -> Expression:
        return Expression(["not", self.body])

    def __bool__(self) -> bool:
        raise TypeError("Join conditions of a dataset with & and |, each in brackets.")

    def __hash__(self) -> int:
        return id(self)

    def is_null(self) -> Expression:
        return Expression(["is_null", self.body])

    def contains(self, text: str) -> Expression:
        return self._with("contains", text)

    def starts_with(self, text: str) -> Expression:
        return self._with("starts_with", text)

    def ends_with(self, text: str) -> Expression:
        return self._with("ends_with", text)


class LazyTable:
    """A definition of kind tabular, and what follows from it."""

    _definition: Mapping[str, Any]

    def _another(self: T, definition: Mapping[str, Any]) -> T:
        """The same kind of object with another definition."""
        raise NotImplementedError

    def _frame(self, limit: Optional[int] = None) -> pd.DataFrame:
        """Read it."""
        raise NotImplementedError

    def _lacks_timestamp(self) -> Exception:
        """What is raised where a time is needed and no column was named."""
        return ValueError("The dataset has no timestamp column: call with_timestamp_columns first.")

    # --- reading ------------------------------------------------------------------------------------------

    def to_pandas_dataframe(
        self, on_error: str = "null", out_of_range_datetime: str = "null", **_: Any
    ) -> pd.DataFrame:
        """Every row as a DataFrame."""
        return self._frame()

    # --- rows ---------------------------------------------------------------------------------------------

    def take(self: T, count: int) -> T:
        return self._another(with_step(self._definition, "take", int(count)))

    def skip(self: T, count: int) -> T:
        return self._another(with_step(self._definition, "skip", int(count)))

    def take_sample(self: T, probability: float, seed: Optional[int] = None) -> T:
        """Each row with this probability; without a seed another sample for each call."""
        return self._another(with_step(self._definition, "sample", float(probability), _seed(seed)))

    def random_split(self: T, percentage: float, seed: Optional[int] = None) -> Tuple[T, T]:
        """Two datasets; each row is in the first with this probability, else in the second."""
        chosen = _seed(seed)
        first, second = (
            self._another(with_step(self._definition, "split", float(percentage), chosen, part))
            for part in (0, 1)
        )
        return first, second

    def filter(self: T, expression: Expression) -> T:
        """Rows for which a condition such as ``dataset["age"] > 30`` holds."""
        if not isinstance(expression, Expression):
            raise TypeError("filter takes a condition such as dataset['column'] > 1.")
        return self._another(with_step(self._definition, "filter", expression.body))

    def __getitem__(self, name: str) -> Expression:
        return Expression(["column", str(name)])

    # --- columns ------------------------------------------------------------------------------------------

    def keep_columns(self: T, columns: Union[str, Sequence[str]], validate: bool = False) -> T:
        made = self._another(with_step(self._definition, "keep", _names(columns)))
        if validate:
            made._frame(1)
        return made

    def drop_columns(self: T, columns: Union[str, Sequence[str]]) -> T:
        return self._another(with_step(self._definition, "drop", _names(columns)))

    # --- times --------------------------------------------------------------------------------------------

    def with_timestamp_columns(
        self: T,
        timestamp: Optional[str] = None,
        partition_timestamp: Optional[str] = None,
        validate: bool = False,
        **_: Any,
    ) -> T:
        """Say which columns are times; the ``time_*`` methods go by them."""
        named = {"timestamp": timestamp, "partition_timestamp": partition_timestamp}
        kept: Dict[str, Any] = {key: value for key, value in named.items() if value}
        return self._another({**self._definition, "times": kept})

    @property
    def timestamp_columns(self) -> Tuple[Optional[str], Optional[str]]:
        times = self._definition.get("times") or {}
        return times.get("timestamp"), times.get("partition_timestamp")

    def time_before(self: T, end_time: datetime, include_boundary: bool = True, validate: bool = True) -> T:
        column = self._time_column()
        return self.filter(column <= end_time if include_boundary else column < end_time)

    def time_after(self: T, start_time: datetime, include_boundary: bool = True, validate: bool = True) -> T:
        column = self._time_column()
        return self.filter(column >= start_time if include_boundary else column > start_time)

    def time_between(
        self: T,
        start_time: datetime,
        end_time: datetime,
        include_boundary: bool = True,
        validate: bool = True,
    ) -> T:
        return self.time_after(start_time, include_boundary).time_before(end_time, include_boundary)

    def time_recent(
        self: T, time_delta: timedelta, include_boundary: bool = True, validate: bool = True
    ) -> T:
        """Rows of the last ``time_delta``, counted when the dataset is read."""
        since = Expression(["ago", time_delta.total_seconds()])
        column = self._time_column()
        return self.filter(column >= since if include_boundary else column > since)

    def _time_column(self) -> Expression:
        name = self.timestamp_columns[0] or self.timestamp_columns[1]
        if name is None:
            raise self._lacks_timestamp()
        return self[name]


def _plain(value: Any) -> Any:
    if isinstance(value, Expression):
        return value.body
    if isinstance(value, datetime):
        return ["time", value.isoformat()]
    return value.item() if hasattr(value, "item") else value  # numpy's numbers


def _names(columns: Union[str, Sequence[str]]) -> List[str]:
    return [columns] if isinstance(columns, str) else [str(name) for name in columns]


def _seed(seed: Optional[int]) -> int:
    return random.SystemRandom().randrange(2**31) if seed is None else int(seed)
