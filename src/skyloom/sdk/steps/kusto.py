"""KustoStep: queries on a Kusto database. Source: sdk.md 12."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from skyloom.sdk.steps.job import JobStep


class KustoStep(JobStep):
    """Checked and put into the graph as it was; it needs a service that only the old vendor has.

    Raises
    ------
    ValueError
        The folder of queries is not there.
    """

    engine, engine_name = "kusto", "a Kusto database"
    instead = "Query a database with DataTransferStep or a PythonScriptStep."

    def __init__(
        self,
        name: str,
        compute_target: Any,
        database_name: str,
        query_directory: str,
        output: Any,
        parameter_dict: Mapping[str, Any] | None = None,
        allow_reuse: bool = False,
        **_: Any,
    ) -> None:
        if not os.path.isdir(query_directory):
            raise ValueError(f"KustoStep '{name}': the query_directory '{query_directory}' is not there.")
        settings = {"database_name": database_name, "parameters": parameter_dict}
        super().__init__(
            name, settings, None, [output], compute_target, allow_reuse, None, parameter_dict, query_directory
        )
