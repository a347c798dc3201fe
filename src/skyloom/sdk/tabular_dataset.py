"""TabularDataset: rows of delimited, Parquet and JSON lines files, or of a query. Source: sdk.md 6."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from skyloom.data.lazy_table import LazyTable
from skyloom.sdk.abstract_dataset import AbstractDataset
from skyloom.sdk.exceptions import DatasetTimestampMissingError, UserErrorException
from skyloom.sdk.file_dataset import FileDataset, file_definition
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    import pandas as pd


class DatasetExecutionError(UserErrorException):
    """A dataset's files do not read as it says."""


class TabularDataset(AbstractDataset, LazyTable):
    """Rows that are read when somebody asks for them; every operation gives another dataset."""

    def _frame(self, limit: int | None = None) -> pd.DataFrame:
        from skyloom.data.dataset_frame import UnreadableError, read_frame

        found = self._told(lambda: self._api.dataset_files(self._definition))
        try:
            return read_frame(
                self._definition, [(f"{one.store}/{one.path}", one.local) for one in found.files], limit
            )
        except UnreadableError as error:
            raise DatasetExecutionError(f"P244: The dataset cannot be read: {error}") from error

    def _lacks_timestamp(self) -> Exception:
        return DatasetTimestampMissingError(
            "The dataset has no timestamp column: call with_timestamp_columns first."
        )

    def to_csv_files(self, separator: str = ",") -> FileDataset:
        """The rows in one CSV file of the workspace's default datastore, as a FileDataset."""
        frame = self.to_pandas_dataframe()
        return self._stored(lambda path: frame.to_csv(path, sep=separator, index=False), "part-00000.csv")

    def to_parquet_files(self) -> FileDataset:
        """The rows in one Parquet file of the workspace's default datastore, as a FileDataset."""
        frame = self.to_pandas_dataframe()
        return self._stored(lambda path: frame.to_parquet(path, index=False), "part-00000.parquet")

    def _stored(self, write: Any, name: str) -> FileDataset:
        if self._workspace is None:
            raise UserErrorException("The dataset belongs to no workspace: register it first.")
        store = self._workspace.get_default_datastore()
        target = f"managed-dataset/{uuid.uuid4()}"
        folder = tempfile.mkdtemp()
        try:
            write(os.path.join(folder, name))
            store.upload(folder, target, overwrite=True, show_progress=False)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        source = {"datastore": store.name, "path": f"{target}/{name}"}
        return FileDataset(file_definition([source], None), self._workspace)

    def partition_by(
        self,
        partition_keys: Sequence[str],
        target: Any,
        name: str | None = None,
        show_progress: bool = True,
        partition_as_file_dataset: bool = False,
    ) -> Any:
        """Write the rows to ``target``, a folder for each combination of values, and give them as a dataset.

        The files are Parquet; the partition keys stand in their paths, and come back as columns.
        """
        store, path = store_and_path(target)
        root = f"{path}/{uuid.uuid4()}".strip("/")
        frame = self.to_pandas_dataframe()
        folder = tempfile.mkdtemp()
        try:
            keys = list(partition_keys)
            for values, part in frame.groupby(keys if len(keys) > 1 else keys[0], sort=True, dropna=False):
                words = values if isinstance(values, tuple) else (values,)
                inner = os.path.join(folder, *(str(word).replace("/", "_") for word in words))
                os.makedirs(inner, exist_ok=True)
                part.drop(columns=keys).to_parquet(os.path.join(inner, "data.parquet"), index=False)
            store.upload(folder, root, overwrite=True, show_progress=show_progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        pattern = "/".join("{" + key + "}" for key in keys) + "/data.parquet"
        definition = dict(
            file_definition([{"datastore": store.name, "path": f"{root}/**/*.parquet"}], pattern)
        )
        kind: Any = FileDataset
        if not partition_as_file_dataset:
            definition.update(kind="tabular", reading={"format": "parquet"})
            kind = TabularDataset
        made = kind(definition, store.workspace)
        return made.register(store.workspace, name, create_new_version=True) if name else made

    def get_partition_key_values(self, partition_keys: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Each combination of values that the paths of its files have."""
        files = FileDataset({**self._definition, "kind": "file", "steps": []}, self._workspace)
        return files.get_partition_key_values(list(partition_keys) if partition_keys else None)

    def to_spark_dataframe(self) -> NoReturn:
        refuse("TabularDataset.to_spark_dataframe", "Use to_pandas_dataframe.")

    def get_profile(self, *_: Any, **__: Any) -> Any:
        """Statistics of each column, as pandas describes them."""
        return self.to_pandas_dataframe().describe(include="all")

    def to_pandas_dataframe(
        self, on_error: str = "null", out_of_range_datetime: str = "null", **_: Any
    ) -> pd.DataFrame:
        """Every row as a DataFrame.

        Raises
        ------
        UserErrorException
            P244 the files do not read; P233, P243 they cannot be had.
        """
        return self._frame()

    def __getitem__(self, name: str) -> Any:
        return LazyTable.__getitem__(self, name)


def store_and_path(target: Any) -> tuple[Any, str]:
    """A datastore and a path, from ``(datastore, path)``, a DataReference or DataPath, or a datastore.

    Raises
    ------
    UserErrorException
        It is none of these.
    """
    if isinstance(target, tuple) and len(target) == 2:
        return target[0], str(target[1]).strip("/")
    if hasattr(target, "path_on_datastore"):
        return target.datastore, (target.path_on_datastore or "").strip("/")
    if hasattr(target, "datastore_type"):
        return target, ""
    raise UserErrorException("A target is (datastore, path), a DataPath or a datastore.")


def tabular_definition(
    sources: Sequence[Mapping[str, Any]], reading: Mapping[str, Any], partition_format: str | None
) -> dict[str, Any]:
    """A definition of kind tabular."""
    more = {"partition_format": partition_format} if partition_format else {}
    return {"kind": "tabular", "sources": [dict(one) for one in sources], "reading": dict(reading), **more}
