"""PipelineOutputFileDataset and -TabularDataset: a PipelineData as a dataset. Source: sdk.md 7."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from skyloom.core.dataset_definition import with_step
from skyloom.sdk.data_type import DataType
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.dataset_reading import delimited_reading, other_reading

if TYPE_CHECKING:
    from skyloom.sdk.pipeline_data import PipelineData


class PipelineOutputAbstractDataset:
    """What both share. The producer's outputs must hold this object, and not the PipelineData itself."""

    prepared = False
    usual_mode = "mount"

    def __init__(self, data: PipelineData, reading: Mapping[str, Any]) -> None:
        self._data = data
        self._reading: dict[str, Any] = dict(reading)
        self._input_name: str | None = None
        self._mode = self.usual_mode
        self._path_on_compute: str | None = None
        self._register: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return self._data.name

    @property
    def output_name(self) -> str:
        return self._data.output_name

    @property
    def registration(self) -> dict[str, Any] | None:
        """What is registered when the step has ended well; None: nothing is."""
        return None if self._register is None else {**self._register, "definition": self._reading}

    def register(self, name: str, create_new_version: bool = True) -> Self:
        """Register what the step wrote once it has ended well."""
        made = copy.copy(self)
        made._register = {"name": name, "description": "", "tags": {}}
        return made

    def as_named_input(self, name: str) -> Self:
        made = copy.copy(self)
        made._input_name = name
        return made

    def consumption(self) -> DatasetConsumptionConfig:
        """The dataset as an input of a step."""
        return DatasetConsumptionConfig(
            self._input_name or self.output_name, self, self._mode, self._path_on_compute
        )

    def _with(self, reading: Mapping[str, Any]) -> Self:
        made = copy.copy(self)
        made._reading = dict(reading)
        return made

    def __str__(self) -> str:
        return f"DatasetConsumptionConfig:{self._input_name or self.output_name}"


class PipelineOutputFileDataset(PipelineOutputAbstractDataset):
    """The files that a step writes."""

    def __init__(self, data: PipelineData) -> None:
        super().__init__(data, {"kind": "file"})

    def as_mount(self, path_on_compute: str | None = None) -> Self:
        return self._in("mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> Self:
        return self._in("download", path_on_compute)

    def as_direct(self) -> Self:
        return self._in("direct", None)

    def _in(self, mode: str, path_on_compute: str | None) -> Self:
        made = copy.copy(self)
        made._mode, made._path_on_compute = mode, path_on_compute
        return made

    def parse_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: Any = True,
        partition_format: str | None = None,
        file_extension: str = "",
        set_column_types: Mapping[str, DataType] | None = None,
        quoted_line_breaks: bool = False,
        **_: Any,
    ) -> PipelineOutputTabularDataset:
        """The files as a table."""
        reading = delimited_reading(
            include_path, set_column_types=set_column_types, separator=separator, header=header
        )
        return self._table(reading, partition_format)

    def parse_parquet_files(
        self,
        include_path: bool = False,
        partition_format: str | None = None,
        file_extension: str = "",
        set_column_types: Mapping[str, DataType] | None = None,
        **_: Any,
    ) -> PipelineOutputTabularDataset:
        """The files as a table."""
        return self._table(other_reading("parquet", include_path, set_column_types), partition_format)

    def _table(self, reading: Mapping[str, Any], pattern: str | None) -> PipelineOutputTabularDataset:
        more = {"partition_format": pattern} if pattern else {}
        made = PipelineOutputTabularDataset(self._data, {"kind": "tabular", "reading": dict(reading), **more})
        made._input_name = self._input_name
        return made


class PipelineOutputTabularDataset(PipelineOutputAbstractDataset):
    """The files that a step writes, read as a table; a later step gets it as an object."""

    usual_mode = "direct"

    def keep_columns(self, columns: str | Sequence[str]) -> Self:
        return self._with(with_step(self._reading, "keep", _names(columns)))

    def drop_columns(self, columns: str | Sequence[str]) -> Self:
        return self._with(with_step(self._reading, "drop", _names(columns)))

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[Self, Self]:
        first, second = (
            self._with(with_step(self._reading, "split", float(percentage), int(seed or 0), part))
            for part in (0, 1)
        )
        return first, second


def _names(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else [str(name) for name in columns]
