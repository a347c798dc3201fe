"""DatabricksStep: a notebook, script or jar on a Spark cluster. Source: sdk.md 12."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.core.problem import Problem
from skyloom.sdk.steps.spark_step import (
    PACKAGES,
    SparkStep,
    argument_words,
    library_path,
    listed,
    parameter_word,
    requirement,
    text_of,
)

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

NOTEBOOKS = "SKYLOOM_DATABRICKS_NOTEBOOKS"  # a folder that stands for the notebooks of the workspace
_KINDS = {
    "notebook_path": "notebook",
    "python_script_path": "script",
    "python_script_name": "script",
    "main_class_name": "jar",
}
_ENDINGS = ("", ".py", ".ipynb", ".sql")
_USUAL_CORES = 2  # of a cluster that is named by its id


class DatabricksStep(SparkStep):
    """Runs on Spark: on this machine, or in the workspace whose address its compute target has.

    ``notebook_path`` is a file below ``source_directory``, the working directory or the folder that
    SKYLOOM_DATABRICKS_NOTEBOOKS names, with or without its ending; in a real workspace it is a path there.
    ``python_script_path`` may be ``dbfs:/...``.

    Raises
    ------
    ValueError
        Not exactly one kind of code is given, or the cluster is told in two ways.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        existing_cluster_id: str | None = None,
        spark_version: str | None = None,
        node_type: str | None = None,
        instance_pool_id: str | None = None,
        num_workers: int | None = None,
        min_workers: int | None = None,
        max_workers: int | None = None,
        spark_env_variables: Mapping[str, str] | None = None,
        spark_conf: Mapping[str, str] | None = None,
        init_scripts: Sequence[str] | None = None,
        cluster_log_dbfs_path: str | None = None,
        notebook_path: str | None = None,
        notebook_params: Mapping[str, Any] | None = None,
        python_script_path: str | None = None,
        python_script_params: Any = None,
        main_class_name: str | None = None,
        jar_params: Any = None,
        python_script_name: str | None = None,
        source_directory: str | None = None,
        hash_paths: Any = None,
        run_name: str | None = None,
        timeout_seconds: int | None = None,
        runconfig: Any = None,
        maven_libraries: Any = None,
        pypi_libraries: Any = None,
        egg_libraries: Any = None,
        jar_libraries: Any = None,
        rcran_libraries: Any = None,
        compute_target: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        permit_cluster_restart: bool | None = None,
        **_: Any,
    ) -> None:
        given = {
            "notebook_path": notebook_path,
            "python_script_path": python_script_path,
            "python_script_name": python_script_name,
            "main_class_name": main_class_name,
        }
        code = [key for key in _KINDS if given[key]]
        if len(code) != 1:
            told = " and ".join(code) or "none"
            raise ValueError(f"DatabricksStep '{name}' takes exactly one of {', '.join(_KINDS)}, not {told}.")
        _check_cluster(
            name, existing_cluster_id, (spark_version, node_type, instance_pool_id, num_workers, min_workers),
            num_workers, min_workers, max_workers,
        )  # fmt: skip
        if main_class_name and not jar_libraries:
            raise ValueError(f"DatabricksStep '{name}': main_class_name needs jar_libraries.")
        self._named = str(given[code[0]])
        self.is_remote = False
        params = {key: value for key, value in (notebook_params or {}).items()}
        super().__init__(
            name,
            (),
            inputs,
            outputs,
            compute_target,
            runconfig,
            source_directory,
            allow_reuse,
            version,
            params,
        )
        self.kind, self.code = _KINDS[code[0]], self._named
        self._is_path = code[0] in ("notebook_path", "python_script_path")
        self._given_source = source_directory
        self._script_words = listed(jar_params if main_class_name else python_script_params)
        for one in self._script_words:
            self._check_argument(one)
        self._jars = listed(jar_libraries)
        self._eggs = listed(egg_libraries)
        self._refused = {"Maven": listed(maven_libraries), "CRAN": listed(rcran_libraries)}
        self._pypi = [requirement(one) for one in listed(pypi_libraries)]
        self.packages = (*PACKAGES, *self._pypi)
        self.timeout_seconds = timeout_seconds
        self._conf = text_of(spark_conf)
        workers = max_workers if num_workers is None else num_workers
        self._cluster = {
            "cores": str(max(1, int(workers)) if workers is not None else _USUAL_CORES),
            "variables": json.dumps(dict(sorted(text_of(spark_env_variables).items()))),
            "existing": existing_cluster_id or "",
            "may_restart": str(bool(permit_cluster_restart)),
        }
        self._job = {
            "spark_version": spark_version or (None if existing_cluster_id else "10.4.x-scala2.12"),
            "node_type": node_type or (None if existing_cluster_id else "Standard_D3_v2"),
            "instance_pool_id": instance_pool_id,
            "num_workers": num_workers,
            "min_workers": min_workers,
            "max_workers": max_workers,
            "init_scripts": listed(init_scripts),
            "cluster_log_dbfs_path": cluster_log_dbfs_path,
            "maven": [vars(one) for one in self._refused["Maven"]],
            "cran": [vars(one) for one in self._refused["CRAN"]],
            "pypi": self._pypi,
        }
        self.run_name = run_name
        self.arguments = self._words()

    def settle(self, workspace: Workspace) -> None:
        """On this machine, or in the real workspace: as the compute target says."""
        from skyloom.sdk.compute import ComputeTarget
        from skyloom.sdk.compute_outside import DatabricksCompute
        from skyloom.sdk.exceptions import ComputeTargetException

        try:
            target = ComputeTarget(workspace, self.compute_target) if self.compute_target else None
        except ComputeTargetException:
            target = None
        self.is_remote = isinstance(target, DatabricksCompute) and target.workspace_url is not None
        self.uses_agent_environment = self.is_remote
        self.packages = () if self.is_remote else (*PACKAGES, *self._pypi)
        self.code = self._named
        self.source_directory = self._given_source
        lies_elsewhere = self._named.startswith("dbfs:") or (self.is_remote and self.kind == "notebook")
        self.has_source = self._given_source is not None or not (self.kind == "jar" or lies_elsewhere)
        if self._is_path and not lies_elsewhere:
            self._find_code()
        self._libraries = {}
        self.arguments = self._words()
        lost = [
            key for key in ("instance_pool_id", "init_scripts", "cluster_log_dbfs_path") if self._job[key]
        ]
        self.notes = [f"'{key}' has no effect on this machine" for key in lost if not self.is_remote]

    def check_source(self, folder: str) -> None:
        if (
            self.kind == "jar"
            or self.code.startswith("dbfs:")
            or (self.is_remote and self.kind == "notebook")
        ):
            return
        if not any(os.path.isfile(os.path.join(folder, self.code + ending)) for ending in _ENDINGS):
            raise ValueError(
                f"Step [{self.name}]: {self.kind} not found at: {os.path.join(folder, self.code)}. "
                "Make sure to specify an appropriate source_directory on the Step or "
                f"default_source_directory on the Pipeline, or name in {NOTEBOOKS} the folder that stands "
                "for the notebooks of the workspace."
            )

    def faults(self) -> list[Problem]:
        found = super().faults()
        for kind, libraries in self._refused.items() if not self.is_remote else ():
            if libraries:
                what = f"Step '{self.name}' asks for a library of {kind}; none is fetched on this machine."
                fix = "Give the jar itself: jar_libraries=[JarLibrary('path/to/it.jar')]."
                found.append(Problem("C125", what, self.name, fix if kind == "Maven" else "Leave it out."))
        return found

    def _find_code(self) -> None:
        """Where a notebook or script that is named by a path lies on this machine, when it does."""
        path = self._named
        bases = [self._given_source or "", os.environ.get(NOTEBOOKS) or "", "."]
        for base in dict.fromkeys(base for base in bases if base):
            place = os.path.join(base, path.lstrip("/"))
            if any(os.path.isfile(place + ending) for ending in _ENDINGS):
                self.source_directory, self.code = base, path.lstrip("/")
                if base == "." and self._given_source is None:
                    folder, self.code = os.path.split(path.lstrip("/"))
                    self.source_directory = folder or "."
                return
        if os.path.isabs(path) and any(os.path.isfile(path + ending) for ending in _ENDINGS):
            self.source_directory, self.code = os.path.split(path)

    def _words(self) -> list[Any]:
        self._cluster["engine"] = "remote" if self.is_remote else "local"
        if self.run_name:
            self._cluster["run_name"] = str(self.run_name)
        if self.is_remote:
            self._cluster["job"] = json.dumps(self._job, sort_keys=True)
        words = [*self._head(), *self._ports()]
        for name, value in self.params.items():
            words += ["--parameter", str(name), parameter_word(name, value)]
        words += argument_words(self._script_words)
        for jar in self._jars:
            words += ["--jar", "", self._library(library_path(jar), self._given_source)]
        for egg in self._eggs:
            words += ["--py-file", "", self._library(library_path(egg), self._given_source)]
        return words


def _check_cluster(
    name: str,
    existing: str | None,
    new: Sequence[Any],
    num_workers: int | None,
    min_workers: int | None,
    max_workers: int | None,
) -> None:
    if existing and any(one is not None for one in new):
        raise ValueError(f"DatabricksStep '{name}': existing_cluster_id excludes settings of a new cluster.")
    if existing:
        return
    scaled = min_workers is not None or max_workers is not None
    if (num_workers is not None) == scaled or (scaled and None in (min_workers, max_workers)):
        raise ValueError(
            f"DatabricksStep '{name}' takes existing_cluster_id, num_workers, or min_workers and max_workers."
        )
