"""DataReference: a place in a datastore, as steps name it. Source: sdk.md 5."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, NoReturn

from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.datastore import Datastore

VARIABLE = "$AZUREML_DATAREFERENCE_"
MODES = ("mount", "download", "upload")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NO_LETTER = re.compile(r"\W")


class DataReference:
    """A folder or file of a datastore; what lies there is looked at when a step runs.

    Parameters
    ----------
    datastore
        The store.
    data_reference_name
        Name of the port and of the variable. Without one it is made from the path, or is the store's name:
        the same at every asking, where the old one was random.
    path_on_datastore
        The place; None is the whole store.
    mode
        mount, download or upload. All three give a step a copy of its own.
    path_on_compute, overwrite
        Kept.
    """

    def __init__(
        self,
        datastore: Datastore,
        data_reference_name: str | None = None,
        path_on_datastore: str | None = None,
        mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool = False,
    ) -> None:
        if mode not in MODES:
            raise UserErrorException(f"A data reference's mode is one of {', '.join(MODES)}, not {mode!r}.")
        name = data_reference_name or _usual_name(datastore.name, path_on_datastore)
        if not _NAME.fullmatch(name):
            raise UserErrorException(
                f"{name!r} is no name for a data reference: letters, digits and '_', no digit first."
            )
        self.datastore = datastore
        self.data_reference_name = name
        self.path_on_datastore = path_on_datastore
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    @staticmethod
    def create(
        data_reference_name: str | None = None,
        datastore: Datastore | None = None,
        path_on_datastore: str | None = None,
        mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool = False,
        **_: Any,
    ) -> DataReference:
        if datastore is None:
            raise UserErrorException("A data reference needs a datastore.")
        return DataReference(
            datastore, data_reference_name, path_on_datastore, mode, path_on_compute, overwrite
        )

    @property
    def name(self) -> str:
        return self.data_reference_name

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> DataReference:
        """A reference to something below this place."""
        joined = "/".join(part.strip("/") for part in (self.path_on_datastore, path) if part)
        return DataReference(self.datastore, data_reference_name, joined or None, self.mode)

    def as_mount(self) -> DataReference:
        return self._with("mount")

    def as_download(self, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        return self._with("download", path_on_compute, overwrite)

    def as_upload(self, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        return self._with("upload", path_on_compute, overwrite)

    def to_config(self) -> dict[str, Any]:
        """The reference as a run configuration holds it."""
        return {
            "dataStoreName": self.datastore.name,
            "pathOnDataStore": self.path_on_datastore,
            "mode": self.mode,
            "overwrite": self.overwrite,
            "pathOnCompute": self.path_on_compute,
        }

    def _with(self, mode: str, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        made = copy.copy(self)
        made.mode, made.path_on_compute, made.overwrite = mode, path_on_compute, overwrite
        return made

    def __str__(self) -> str:
        return VARIABLE + self.data_reference_name

    def __repr__(self) -> str:
        return f"DataReference({self.datastore.name!r}, {self.name!r}, {self.path_on_datastore!r})"


class SqlDataReference(DataReference):
    """The rows of a table or a query of a database: a source of a DataTransferStep.

    Raises
    ------
    UserErrorException
        Neither a table nor a query is given, or both.
    """

    def __init__(
        self,
        datastore: Datastore,
        data_reference_name: str | None = None,
        sql_table: str | None = None,
        sql_query: str | None = None,
        sql_stored_procedure: str | None = None,
        sql_stored_procedure_params: Any = None,
    ) -> None:
        if sql_stored_procedure:
            refuse("SqlDataReference(sql_stored_procedure=...)", "Give sql_query, one SELECT.")
        if bool(sql_table) == bool(sql_query):
            raise UserErrorException("A SqlDataReference takes either sql_table or sql_query.")
        super().__init__(datastore, data_reference_name, None)
        self.sql_table = sql_table
        self.sql_query = sql_query

    @property
    def definition(self) -> dict[str, Any]:
        """The rows as a dataset's definition."""
        query = self.sql_query or f"SELECT * FROM {_quoted(str(self.sql_table))}"
        return {
            "kind": "tabular",
            "sources": [{"datastore": self.datastore.name, "path": ""}],
            "reading": {"format": "sql", "datastore": self.datastore.name, "query": query, "as": "csv"},
        }

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> NoReturn:
        raise NotImplementedError("A SqlDataReference has no paths.")

    def as_mount(self) -> NoReturn:
        raise NotImplementedError("A SqlDataReference cannot be mounted.")

    def as_download(self, path_on_compute: str | None = None, overwrite: bool = False) -> NoReturn:
        raise NotImplementedError("A SqlDataReference cannot be downloaded.")

    def as_upload(self, path_on_compute: str | None = None, overwrite: bool = False) -> NoReturn:
        raise NotImplementedError("A SqlDataReference cannot be uploaded to.")


def _quoted(table: str) -> str:
    """A table's name, perhaps behind its schema's, as SQL reads it."""
    return ".".join('"' + part.strip('[]"').replace('"', '""') + '"' for part in table.split("."))


def _usual_name(store: str, path: str | None) -> str:
    if not path or not path.strip("/"):
        return store
    return "data_" + _NO_LETTER.sub("_", path.strip("/"))[:60]
