"""Parameter types of inference-schema: a sample says how JSON becomes a value (services.md 5)."""

from __future__ import annotations

import datetime
from base64 import b64decode, b64encode
from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy
import pandas

_SCALARS = {
    bool: ("boolean", ""),
    int: ("integer", "int32"),
    float: ("number", "double"),
    str: ("string", ""),
    bytes: ("string", "byte"),
    bytearray: ("string", "byte"),
    datetime.datetime: ("string", "date-time"),
    datetime.date: ("string", "date"),
    datetime.time: ("string", "time"),
}


class AbstractParameterType:
    """What own types of a script derive from."""

    def __init__(self, sample_input: Any) -> None:
        self.sample_input = sample_input
        self.sample_data_type = type(sample_input)

    def deserialize_input(self, input_data: Any) -> Any:
        """What JSON gave, as the sample is."""
        raise NotImplementedError

    def input_to_swagger(self) -> Dict[str, Any]:
        """A JSON Schema with an example."""
        raise NotImplementedError


class StandardPythonParameterType(AbstractParameterType):
    """Text, numbers, truth values, times, bytes, lists and dicts; parts may be parameter types themselves."""

    def deserialize_input(self, input_data: Any) -> Any:
        return _deserialized(self.sample_input, input_data)

    def input_to_swagger(self) -> Dict[str, Any]:
        return _described(self.sample_input)


class NumpyParameterType(AbstractParameterType):
    """An array; enforced are the type of the sample, and its shape but for the number of rows."""

    def __init__(
        self, sample_input: Any, enforce_column_type: bool = True, enforce_shape: bool = True
    ) -> None:
        if not isinstance(sample_input, numpy.ndarray):
            raise TypeError("the sample of NumpyParameterType is no numpy array")
        super().__init__(sample_input)
        self.enforce_column_type, self.enforce_shape = enforce_column_type, enforce_shape

    def deserialize_input(self, input_data: Any) -> Any:
        if not isinstance(input_data, list):
            raise ValueError(f"a list was expected for an array, not {type(input_data).__name__}")
        wanted = self.sample_input.dtype
        if wanted.names:
            return numpy.array([tuple(row) for row in input_data], dtype=wanted)
        made = numpy.array(input_data, dtype=wanted if self.enforce_column_type else None)
        if self.enforce_shape and made.shape[1:] != self.sample_input.shape[1:]:
            raise ValueError(
                f"rows of the shape {self.sample_input.shape[1:]} were expected, not {made.shape[1:]}"
            )
        return made

    def input_to_swagger(self) -> Dict[str, Any]:
        sample = self.sample_input
        if sample.dtype.names:
            fields = {name: _of_dtype(sample.dtype[name]) for name in sample.dtype.names}
            inner: Dict[str, Any] = {"type": "object", "properties": fields}
        else:
            inner = _of_dtype(sample.dtype)
        for _ in range(max(sample.ndim, 1)):
            inner = {"type": "array", "items": inner}
        return {**inner, "example": _plain(sample.tolist())}


class PandasParameterType(AbstractParameterType):
    """A data frame, in JSON as pandas writes it with ``orient``."""

    def __init__(
        self,
        sample_input: Any,
        enforce_column_type: bool = True,
        enforce_shape: bool = True,
        apply_column_names: bool = False,
        orient: str = "records",
    ) -> None:
        if not isinstance(sample_input, pandas.DataFrame):
            raise TypeError("the sample of PandasParameterType is no data frame")
        if orient not in ("records", "split"):
            raise ValueError(f"orient {orient!r} is not served; use 'records' or 'split'")
        super().__init__(sample_input)
        self.enforce_column_type, self.enforce_shape = enforce_column_type, enforce_shape
        self.apply_column_names, self.orient = apply_column_names, orient

    def deserialize_input(self, input_data: Any) -> Any:
        sample = self.sample_input
        if self.orient == "split" and isinstance(input_data, Mapping):
            frame = pandas.DataFrame(
                input_data.get("data"), index=input_data.get("index"), columns=input_data.get("columns")
            )
        elif isinstance(input_data, list):
            frame = pandas.DataFrame(input_data)
        else:
            raise ValueError(f"{type(input_data).__name__} is no data frame in the form {self.orient!r}")
        if self.enforce_shape and len(frame.columns) != len(sample.columns):
            raise ValueError(f"{len(sample.columns)} columns were expected, not {len(frame.columns)}")
        if self.apply_column_names:
            frame.columns = sample.columns
        if self.enforce_column_type:
            for name in frame.columns:
                if name in sample.columns:
                    frame[name] = frame[name].astype(sample[name].dtype)
        return frame

    def input_to_swagger(self) -> Dict[str, Any]:
        sample = self.sample_input
        columns = {str(name): _of_dtype(sample[name].dtype, sample[name]) for name in sample.columns}
        if self.orient == "split":
            parts = {name: {"type": "array", "items": {}} for name in ("columns", "index", "data")}
            example = {key: _plain(value) for key, value in sample.to_dict("split").items()}
            return {"type": "object", "properties": parts, "example": example}
        rows = [
            {str(name): _plain(value) for name, value in row.items()} for row in sample.to_dict("records")
        ]
        return {"type": "array", "items": {"type": "object", "properties": columns}, "example": rows}


class SparkParameterType(AbstractParameterType):
    """Not served: a box has no Spark."""

    def __init__(self, sample_input: Any, **_: Any) -> None:
        raise ImportError("SparkParameterType needs pyspark, which web services here do not have")


def _deserialized(sample: Any, given: Any) -> Any:
    if isinstance(sample, AbstractParameterType):
        return sample.deserialize_input(given)
    if isinstance(sample, dict):
        _expect(given, dict, sample)
        return {
            name: _deserialized(sample[name], part) if name in sample else part
            for name, part in given.items()
        }
    if isinstance(sample, (list, tuple)):
        _expect(given, list, sample)
        parts: List[Any] = list(given)
        if len(sample) == 1:
            parts = [_deserialized(sample[0], part) for part in given]
        elif len(sample) == len(given):
            parts = [_deserialized(one, part) for one, part in zip(sample, given)]
        return tuple(parts) if isinstance(sample, tuple) else parts
    if isinstance(sample, datetime.datetime):
        return pandas.Timestamp(given).to_pydatetime()
    if isinstance(sample, datetime.date):
        return datetime.date.fromisoformat(given)
    if isinstance(sample, datetime.time):
        return datetime.time.fromisoformat(given)
    if isinstance(sample, (bytes, bytearray)):
        return type(sample)(b64decode(given))
    if isinstance(sample, float) and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    if sample is not None:
        _expect(given, type(sample), sample)
    return given


def _expect(given: Any, kind: type, sample: Any) -> None:
    if not isinstance(given, kind) or (isinstance(given, bool) and kind is not bool):
        raise ValueError(f"{type(sample).__name__} was expected, not {type(given).__name__}")


def _described(sample: Any) -> Dict[str, Any]:
    if isinstance(sample, AbstractParameterType):
        return dict(sample.input_to_swagger())
    if isinstance(sample, dict):
        parts = {str(name): _described(part) for name, part in sample.items()}
        required = list(parts)
        example = {name: part.get("example") for name, part in parts.items()}
        return {"type": "object", "required": required, "properties": parts, "example": example}
    if isinstance(sample, (list, tuple)):
        items = _described(sample[0]) if sample else {"type": "object"}
        inner = {name: part for name, part in items.items() if name != "example"}
        return {
            "type": "array",
            "items": inner,
            "example": [_described(part).get("example") for part in sample],
        }
    for kind in type(sample).__mro__:
        if kind in _SCALARS:
            return {**_typed(_SCALARS[kind]), "example": _plain(sample)}
    return {"type": "object"}


def _of_dtype(dtype: Any, column: Optional[Any] = None) -> Dict[str, Any]:
    kind = getattr(dtype, "kind", "O")
    if kind == "O" and column is not None and len(column):
        first = column.iloc[0]
        return {name: part for name, part in _described(first).items() if name != "example"}
    size: Tuple[str, str] = {
        "b": ("boolean", ""),
        "i": ("integer", "int64" if getattr(dtype, "itemsize", 8) > 4 else "int32"),
        "u": ("integer", "int64" if getattr(dtype, "itemsize", 8) > 4 else "int32"),
        "f": ("number", "double" if getattr(dtype, "itemsize", 8) > 4 else "float"),
        "M": ("string", "date-time"),
        "m": ("string", "duration"),
    }.get(kind, ("string", ""))
    return _typed(size)


def _typed(words: Tuple[str, str]) -> Dict[str, Any]:
    return {"type": words[0], "format": words[1]} if words[1] else {"type": words[0]}


def _plain(value: Any) -> Any:
    """An example as JSON has it."""
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, numpy.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, (bytes, bytearray)):
        return b64encode(bytes(value)).decode()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
