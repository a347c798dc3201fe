"""``Dataset.Tabular`` and ``Dataset.File``: datasets from files, queries and frames. Source: sdk.md 6."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from skyloom.core.problem import ProblemError
from skyloom.sdk.abstract_dataset import AbstractDataset
from skyloom.sdk.data_type import DataType
from skyloom.sdk.dataset_reading import delimited_reading, other_reading
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.file_dataset import FileDataset, file_definition
from skyloom.sdk.tabular_dataset import TabularDataset, store_and_path, tabular_definition
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    import pandas as pd

    from skyloom.sdk.workspace import Workspace

D = TypeVar("D", bound=AbstractDataset)


class DatasetValidationError(UserErrorException):
    """A dataset leads nowhere, or its first record does not read."""


class TabularDatasetFactory:
    """Makes tables."""

    @staticmethod
    def from_delimited_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: Mapping[str, DataType] | None = None,
        separator: str = ",",
        header: Any = True,
        partition_format: str | None = None,
        support_multi_line: bool = False,
        empty_as_string: bool = False,
        encoding: str = "utf8",
        **_: Any,
    ) -> TabularDataset:
        """Rows of delimited files; a line end in quotes never ends one, whatever ``support_multi_line`` says.

        Raises
        ------
        UserErrorException
            With ``validate``: nothing is there, or the first record does not read.
        """
        reading = delimited_reading(
            include_path,
            infer_column_types,
            set_column_types,
            separator,
            header,
            support_multi_line,
            empty_as_string,
            encoding,
        )
        return _table(path, reading, partition_format, validate)

    @staticmethod
    def from_parquet_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: Mapping[str, DataType] | None = None,
        partition_format: str | None = None,
        **_: Any,
    ) -> TabularDataset:
        reading = other_reading("parquet", include_path, set_column_types)
        return _table(path, reading, partition_format, validate)

    @staticmethod
    def from_json_lines_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: Mapping[str, DataType] | None = None,
        partition_format: str | None = None,
        invalid_lines: str = "error",
        encoding: str = "utf8",
        **_: Any,
    ) -> TabularDataset:
        """Rows of files with a JSON object a line; ``invalid_lines`` is error or drop."""
        reading = other_reading(
            "json_lines", include_path, set_column_types, invalid_lines=invalid_lines, encoding=encoding
        )
        return _table(path, reading, partition_format, validate)

    @staticmethod
    def from_sql_query(
        query: Any,
        validate: bool = True,
        set_column_types: Mapping[str, DataType] | None = None,
        query_timeout: int = 30,
        **_: Any,
    ) -> TabularDataset:
        """Rows of one SELECT, of ``(datastore, text)`` or a DataPath whose path is the text."""
        if isinstance(query, tuple) and len(query) == 2:
            store, text = query
        elif hasattr(query, "path_on_datastore"):
            store, text = query.datastore, query.path_on_datastore
        else:
            raise UserErrorException("A query is (datastore, text) or a DataPath.")
        reading = other_reading(
            "sql", False, set_column_types, datastore=store.name, query=str(text), query_timeout=query_timeout
        )
        source = {"datastore": store.name, "path": ""}
        made = TabularDataset(tabular_definition([source], reading, None), store.workspace)
        return _validated(made, validate)

    @staticmethod
    def register_pandas_dataframe(
        dataframe: pd.DataFrame,
        target: Any,
        name: str,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        show_progress: bool = True,
        row_group_size: int | None = None,
        make_target_path_unique: bool = True,
        **_: Any,
    ) -> TabularDataset:
        """Write a DataFrame as Parquet below ``target`` and register it."""
        store, path = store_and_path(target)
        folder_path = f"{path}/{uuid.uuid4()}".strip("/") if make_target_path_unique else path
        folder = tempfile.mkdtemp()
        try:
            file = os.path.join(folder, "part-00000.parquet")
            more = {"row_group_size": row_group_size} if row_group_size else {}
            dataframe.to_parquet(file, index=False, **more)  # type: ignore[call-overload]
            store.upload(folder, folder_path, overwrite=True, show_progress=show_progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        source = {"datastore": store.name, "path": f"{folder_path}/part-00000.parquet".strip("/")}
        made = TabularDataset(
            tabular_definition([source], other_reading("parquet", False, None), None), store.workspace
        )
        return made.register(store.workspace, name, description, tags, create_new_version=True)

    @staticmethod
    def register_spark_dataframe(*_: Any, **__: Any) -> NoReturn:
        refuse("Dataset.Tabular.register_spark_dataframe", "Use register_pandas_dataframe.")


class FileDatasetFactory:
    """Makes lists of files."""

    @staticmethod
    def from_files(
        path: Any, validate: bool = True, partition_format: str | None = None, is_file: bool = False, **_: Any
    ) -> FileDataset:
        """Files of datastores and web addresses; a path may have ``*``, ``**`` and ``?``.

        Raises
        ------
        UserErrorException
            With ``validate``: nothing is there.
        """
        sources, workspace = sources_of(path)
        return _validated(FileDataset(file_definition(sources, partition_format), workspace), validate)

    @staticmethod
    def upload_directory(
        src_dir: str,
        target: Any,
        pattern: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> FileDataset:
        """Put a folder into a datastore, and give it as a dataset."""
        store, path = store_and_path(target)
        if not os.path.isdir(src_dir):
            raise UserErrorException(f"'{src_dir}' is not a folder.")
        files = [
            os.path.join(parent, name)
            for parent, _, names in sorted(os.walk(src_dir))
            for name in sorted(names)
            if pattern is None or fnmatch(os.path.relpath(os.path.join(parent, name), src_dir), pattern)
        ]
        store.upload_files(files, src_dir, path, overwrite, show_progress)
        return FileDataset(file_definition([{"datastore": store.name, "path": path}], None), store.workspace)


def sources_of(path: Any) -> tuple[list[dict[str, Any]], Workspace | None]:
    """The sources that a ``path`` argument means, and the workspace of its datastores.

    Raises
    ------
    UserErrorException
        It is no address, ``(datastore, path)``, DataReference, DataPath, or list of these.
    """
    if isinstance(path, (list, set)) or (isinstance(path, tuple) and not _is_pair(path)):
        found: list[dict[str, Any]] = []
        workspace = None
        for one in path:
            sources, its = sources_of(one)
            found += sources
            workspace = workspace or its
        if not found:
            raise UserErrorException("A dataset needs at least one path.")
        return found, workspace
    if isinstance(path, str):
        if not path.startswith(("http://", "https://")):
            raise UserErrorException(
                f"'{path}' is no web address (http or https): upload local files, and name (datastore, path)."
            )
        return [{"url": path}], None
    if isinstance(path, tuple) and isinstance(path[1], (list, set)):
        return sources_of([(path[0], one) for one in path[1]])
    store, below = store_and_path(path)
    return [{"datastore": store.name, "path": below}], store.workspace


def _is_pair(path: tuple[Any, ...]) -> bool:
    return len(path) == 2 and hasattr(path[0], "datastore_type")


def _table(
    path: Any, reading: Mapping[str, Any], partition_format: str | None, validate: bool
) -> TabularDataset:
    sources, workspace = sources_of(path)
    made = TabularDataset(tabular_definition(sources, reading, partition_format), workspace)
    return _validated(made, validate)


def _validated(dataset: D, validate: bool) -> D:
    if validate:
        try:
            files = dataset._api.dataset_files(dataset._definition).files
        except ProblemError as error:
            raise from_problem(error, DatasetValidationError) from error
        if not files:
            told = [one.get("url") or one.get("path") or "/" for one in dataset._definition["sources"]]
            raise DatasetValidationError(f"P243: There is nothing at {', '.join(map(str, told))}.")
        if isinstance(dataset, TabularDataset):
            try:
                dataset._frame(1)
            except UserErrorException as error:
                raise DatasetValidationError(error.message) from error
    return dataset
