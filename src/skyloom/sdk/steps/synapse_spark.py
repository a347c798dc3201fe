"""SynapseSparkStep: a Spark program on a Synapse pool, run on Spark on this machine. Source: sdk.md 12."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skyloom.sdk.permissive import Section
from skyloom.sdk.steps.spark_step import SparkStep, argument_words, listed, text_of


class SynapseSparkStep(SparkStep):
    """Runs a Python program on Spark; inputs and outputs among ``arguments`` arrive as paths.

    ``driver_memory`` is the memory of Java, ``num_executors`` times ``executor_cores`` the cores; the other
    sizes are kept and have no effect. ``py_files``, ``jars`` and ``files`` lie below ``source_directory``.

    Raises
    ------
    ValueError
        A size of the driver or of executors is missing.
    """

    kind = "program"

    def __init__(
        self,
        file: str,
        source_directory: str,
        compute_target: Any,
        driver_memory: str,
        driver_cores: int,
        executor_memory: str,
        executor_cores: int,
        num_executors: int,
        name: str | None = None,
        app_name: str | None = None,
        environment: Any = None,
        arguments: Iterable[Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        conf: Mapping[str, Any] | None = None,
        py_files: Sequence[str] | None = None,
        jars: Sequence[str] | None = None,
        files: Sequence[str] | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **_: Any,
    ) -> None:
        sizes = {
            "driver_memory": driver_memory,
            "driver_cores": driver_cores,
            "executor_memory": executor_memory,
            "executor_cores": executor_cores,
            "num_executors": num_executors,
        }
        lost = [key for key, value in sizes.items() if not value]
        if lost:
            raise ValueError(f"SynapseSparkStep needs {lost[0]}.")
        given = list(arguments or ())
        super().__init__(
            name or file, given, inputs, outputs, compute_target, Section(environment=environment),
            source_directory, allow_reuse, version,
        )  # fmt: skip
        self.code = file
        self._files = {"py_files": listed(py_files), "jars": listed(jars), "files": listed(files)}
        self._conf = text_of(conf)
        self._cluster = {
            "cores": str(int(num_executors) * int(executor_cores)),
            "engine": "local",
            "memory": str(driver_memory).lower(),
            "run_name": app_name or name or file,
            **{key: str(value) for key, value in sizes.items()},
        }
        words = [*self._head(), *self._ports(), *argument_words(self.arguments)]
        for option, key in (("--py-file", "py_files"), ("--jar", "jars"), ("--file", "files")):
            for one in self._files[key]:
                words += [option, "", str(one)]
        self.arguments = words

    def check_source(self, folder: str) -> None:
        named = [self.code, *(str(one) for found in self._files.values() for one in found)]
        for one in named:
            if not one.startswith("dbfs:") and not os.path.isfile(os.path.join(folder, one)):
                raise ValueError(
                    f"Step [{self.name}]: script not found at: {os.path.join(folder, one)}. Make sure to "
                    "specify an appropriate source_directory on the Step or default_source_directory on "
                    "the Pipeline."
                )
