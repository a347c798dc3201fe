"""Rows of a query to a registered database, as Parquet. Source: sdk.md 5, 6 (from_sql_query)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from sqlalchemy import URL

from skyloom.core.datastore import DATABASES
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.source_file import FileRoots
from skyloom.stores.source_sql import fetch_rows
from skyloom.stores.source_web import WebLimits
from skyloom.stores.sources import listed_folders

if TYPE_CHECKING:
    from skyloom.stores.datastores import Datastores


def query_rows(
    stores: Datastores, name: str, query: str, target: Path, timeout_s: Any = None, form: str = "parquet"
) -> None:
    """Write the rows of one SELECT, as Parquet or CSV.

    Raises
    ------
    ProblemError
        P234 no database, P236 a kind that nothing here reads; D064, D067 to D071 of the database itself.
    """
    store = stores.find(name)
    if store.kind not in DATABASES:
        what = f"The datastore '{name}' is of kind {store.kind}, not a database."
        raise ProblemError(Problem("P234", what, name, "Name a database that was registered."))
    settings, secrets = store.settings, stores.book.secrets(name)
    if store.kind == "Sqlite":
        address = URL.create("sqlite", database=settings["path"])
    elif store.kind == "AzurePostgreSql":
        address = URL.create(
            "postgresql",
            username=secrets.get("user_id") or settings.get("user_id"),
            password=secrets.get("user_password"),
            host=server_host(settings["server_name"], settings.get("endpoint", "")),
            port=int(settings["port_number"]) if settings.get("port_number") else None,
            database=settings["database_name"],
            query={"sslmode": "require"} if settings.get("enforce_ssl") == "true" else {},
        )
    else:
        what = f"The datastore '{name}' is of kind {store.kind}, for which there is no driver here."
        raise ProblemError(
            Problem("P236", what, name, "Export the table to files, or copy it to PostgreSQL.")
        )
    limits = WebLimits(time_s=float(timeout_s)) if timeout_s else WebLimits()
    roots = FileRoots([Path(root) for root in listed_folders()])
    url = address.render_as_string(hide_password=False)
    try:
        fetch_rows(url, query, target, roots, stores.allowed, limits)
    except ProblemError as error:
        raise ProblemError(
            [
                Problem(one.code, stores.words.hide(one.message), one.where, stores.words.hide(one.fix))
                for one in error.problems
            ]
        ) from None
    if form == "csv":
        _as_csv(target)


def _as_csv(target: Path) -> None:
    """The rows again, a batch at a time, with a head of names."""
    part = target.with_name(f"{target.name}.csv")
    with pq.ParquetFile(target) as rows, pa_csv.CSVWriter(part, rows.schema_arrow) as writer:
        for batch in rows.iter_batches():
            writer.write_batch(batch)
    part.replace(target)


def server_host(server: str, endpoint: str) -> str:
    """The host of a database server: a plain name is below the endpoint, as it was at the old provider."""
    if not endpoint or "." in server or ":" in server or os.sep in server or server == "localhost":
        return server
    return f"{server}.{endpoint.strip('.')}"
