"""OutputFileDatasetConfig and its kin: what a step writes, as a dataset. Source: sdk.md 7.

Every method gives a copy; all copies of one are the same output, which ``_data`` stands for (trap 7).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

from skyloom.core.data_reference import BLOB_STORE
from skyloom.core.dataset_definition import with_step
from skyloom.sdk.data_type import DataType
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.dataset_reading import delimited_reading, other_reading
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter

USUAL_PATH = "dataset/{run-id}/{output-name}"


class OutputDatasetConfig:
    """What file and tabular outputs share."""

    prepared = True  # the folder is there when the step begins

    def __init__(self, data: PipelineData, store: str, path: Any, reading: Mapping[str, Any]) -> None:
        self._data = data
        self._store = store
        self._path = path
        self._reading: dict[str, Any] = dict(reading)
        self._register: dict[str, Any] | None = None
        self.mode = "mount"
        self.overwrite = False
        self.source_globs: Any = None

    @property
    def name(self) -> str:
        return self._data.output_name

    output_name = name

    @property
    def destination_path(self) -> str:
        """The path in the datastore, with what is filled in at a run."""
        if isinstance(self._path, PipelineParameter):
            return "{parameter:" + self._path.name + "}"
        return str(self._path)

    @property
    def parameters(self) -> list[PipelineParameter]:
        return [self._path] if isinstance(self._path, PipelineParameter) else []

    @property
    def registration(self) -> dict[str, Any] | None:
        """What is registered when the step has ended well; None: nothing is."""
        if self._register is None:
            return None
        return {**self._register, "definition": self._reading}

    def register_on_complete(
        self, name: str, description: str | None = None, tags: Mapping[str, str] | None = None
    ) -> Self:
        """Register what the step wrote under a name, as a further version, once the step has ended well."""
        made = copy.copy(self)
        given = {str(key): str(value) for key, value in (tags or {}).items()}
        made._register = {"name": name, "description": description or "", "tags": given}
        return made

    def as_input(self, name: str | None = None) -> DatasetConsumptionConfig:
        """The output as an input of a later step."""
        return DatasetConsumptionConfig(name, self, "direct" if self._is_tabular() else "mount")

    def _is_tabular(self) -> bool:
        return self._reading.get("kind") == "tabular"

    def _with(self, reading: Mapping[str, Any]) -> Self:
        made = copy.copy(self)
        made._reading = dict(reading)
        return made

    def __str__(self) -> str:
        return f"DatasetOutputConfig:{self.name}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self._store!r}, {self.destination_path!r})"


class OutputFileDatasetConfig(OutputDatasetConfig):
    """A folder that a step writes files to.

    Parameters
    ----------
    name
        Of the output; without one it is made from the step and the output's place there.
    destination
        ``(datastore, path)``; ``{run-id}`` and ``{output-name}`` are filled in, and the path may be a
        PipelineParameter. Without one: workspaceblobstore, ``dataset/{run-id}/{output-name}``.
    """

    def __init__(
        self,
        name: str | None = None,
        destination: Any = None,
        source: str | None = None,
        partition_format: str | None = None,
    ) -> None:
        store, path = _destination(destination)
        data = PipelineData(name or "output_unnamed", store)
        data.is_unnamed = name is None
        reading: dict[str, Any] = {"kind": "file"}
        if partition_format:
            reading["partition_format"] = partition_format
        super().__init__(data, store.name if store is not None else BLOB_STORE, path, reading)
        self.source = source

    def as_mount(self, disable_metadata_cache: bool = False) -> Self:
        made = copy.copy(self)
        made.mode = "mount"
        return made

    def as_upload(self, overwrite: bool = False, source_globs: Any = None) -> Self:
        """Kept: whatever the mode, what the step wrote is moved to its place when it has ended well."""
        made = copy.copy(self)
        made.mode, made.overwrite, made.source_globs = "upload", overwrite, source_globs
        return made

    def read_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: Any = True,
        partition_format: str | None = None,
        path_glob: str | None = None,
        set_column_types: Mapping[str, DataType] | None = None,
        **_: Any,
    ) -> OutputTabularDatasetConfig:
        """What the step wrote as a table of delimited files."""
        reading = delimited_reading(
            include_path, set_column_types=set_column_types, separator=separator, header=header
        )
        return self._table(reading, partition_format)

    def read_parquet_files(
        self,
        include_path: bool = False,
        partition_format: str | None = None,
        path_glob: str | None = None,
        set_column_types: Mapping[str, DataType] | None = None,
        **_: Any,
    ) -> OutputTabularDatasetConfig:
        """What the step wrote as a table of Parquet files."""
        return self._table(other_reading("parquet", include_path, set_column_types), partition_format)

    def _table(self, reading: Mapping[str, Any], partition_format: str | None) -> OutputTabularDatasetConfig:
        pattern = partition_format or self._reading.get("partition_format")
        whole = {
            "kind": "tabular",
            "reading": dict(reading),
            **({"partition_format": pattern} if pattern else {}),
        }
        made = OutputTabularDatasetConfig(self._data, self._store, self._path, whole)
        made._register = self._register
        return made


class HDFSOutputDatasetConfig(OutputFileDatasetConfig):
    """A folder that a step on Spark writes; unlike others it is not there before."""

    prepared = False


class OutputTabularDatasetConfig(OutputDatasetConfig):
    """What a step writes, read as a table by later steps and by whoever gets the registered dataset."""

    def keep_columns(self, columns: str | Sequence[str]) -> Self:
        return self._with(with_step(self._reading, "keep", _names(columns)))

    def drop_columns(self, columns: str | Sequence[str]) -> Self:
        return self._with(with_step(self._reading, "drop", _names(columns)))

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[Self, Self]:
        """Two tables; their inputs are called as the output, with _1 and _2."""
        first, second = (
            self._with(with_step(self._reading, "split", float(percentage), int(seed or 0), part))
            for part in (0, 1)
        )
        first._suffix, second._suffix = "_1", "_2"  # type: ignore[attr-defined]
        return first, second

    def as_input(self, name: str | None = None) -> DatasetConsumptionConfig:
        suffix = getattr(self, "_suffix", "")
        return super().as_input(name or (f"input_{self.name}{suffix}" if suffix else None))


def _destination(destination: Any) -> tuple[Any, Any]:
    if destination is None:
        return None, USUAL_PATH
    if isinstance(destination, tuple) and len(destination) == 2:
        store, path = destination
        return store, path if isinstance(path, PipelineParameter) else str(path).strip("/")
    if hasattr(destination, "path_on_datastore"):
        return destination.datastore, str(destination.path_on_datastore or USUAL_PATH).strip("/")
    if hasattr(destination, "datastore_type"):
        return destination, USUAL_PATH
    raise ValueError("The destination of an output is (datastore, path).")


def _names(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else [str(name) for name in columns]
