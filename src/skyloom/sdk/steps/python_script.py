"""PythonScriptStep and CommandStep: a program in a source directory. Source: sdk.md 12."""

from __future__ import annotations

import os
import shlex
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from skyloom.core.identity import Digest
from skyloom.sdk.permissive import Section
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.pipeline_step import PipelineStep

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace

RUNCONFIG_PARAMS = (
    "NodeCount", "MpiProcessCountPerNode", "TensorflowWorkerCount", "TensorflowParameterServerCount"
)  # fmt: skip
_SHELL = ("|", "&", ";", "<", ">", "`", "$(", "*")


class SourceStep(PipelineStep):
    """A step whose program lies in a source directory; the directory is looked at when a run is submitted."""

    renames_inputs = True
    language: Literal["python", "program", "usql", "spark"] = "python"
    snapshot: Digest | None = None  # of a source that was kept before; None: the directory as it is now
    timeout_seconds: float | None = None  # ours: how long it may take
    packages: Sequence[str] = ()  # that the kind of step needs besides those of its environment
    uses_agent_environment = False  # nothing of it runs in a box
    has_source = True  # a directory of files goes with it
    notes: Sequence[str] = ()  # on settings without effect
    retries: int = 0  # ours: how often it is tried again when it fails

    def __init__(
        self,
        name: str,
        words: Iterable[Any],
        inputs: Sequence[Any] | None,
        outputs: Sequence[Any] | None,
        compute_target: Any,
        runconfig: Any,
        source_directory: str | None,
        allow_reuse: bool,
        version: str | None,
        params: Mapping[str, Any] | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
    ) -> None:
        self.params = dict(params or {})
        self.runconfig_params = _runconfig_params(name, runconfig_pipeline_params)
        super().__init__(name, inputs, outputs, words)
        target = compute_target if compute_target is not None else getattr(runconfig, "target", None)
        self.compute_target = target_name(target)
        self.runconfig = runconfig
        self.source_directory = source_directory
        self.allow_reuse = bool(allow_reuse)
        self.version = version

    @property
    def environment(self) -> Any:
        """The Environment of the run configuration, or None."""
        return getattr(self.runconfig, "environment", None)

    @property
    def time_limit(self) -> float | None:
        """Its own, or what the run configuration allows."""
        found = self.timeout_seconds or getattr(self.runconfig, "max_run_duration_seconds", None)
        return float(found) if isinstance(found, (int, float)) else None

    @property
    def variables(self) -> dict[str, str]:
        found = getattr(self.runconfig, "environment_variables", None) or {}
        return {str(name): str(value) for name, value in found.items()}

    def parameters(self) -> list[PipelineParameter]:
        values = (*self.params.values(), *self.runconfig_params.values())
        return [*super().parameters(), *(one for one in values if isinstance(one, PipelineParameter))]

    def settle(self, workspace: Workspace) -> None:
        """Take over what the workspace knows; asked when the pipeline is built."""

    def check_source(self, folder: str) -> None:
        """Whether what is to run is there; asked when the pipeline is built."""

    def added_files(self) -> dict[str, bytes]:
        """What the kind of step puts beside its source, by name."""
        return {}


class PythonScriptStep(SourceStep):
    """Runs a Python script.

    ``compute_target`` may be missing or "local": the step runs on this machine either way. Ours are
    ``timeout_seconds`` and ``retries``, which a CommandStep has as attributes: a step that takes too long is
    ended, one that fails is tried again.
    """

    def __init__(
        self,
        script_name: str,
        name: str | None = None,
        arguments: Iterable[Any] | None = None,
        compute_target: Any = None,
        runconfig: Any = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        source_directory: str | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        hash_paths: Any = None,
        target: Any = None,
        **more: Any,
    ) -> None:
        if script_name is None:
            raise ValueError("script_name is required.")
        if not isinstance(script_name, str):
            raise ValueError("script_name needs to be a str.")
        timeout, retries = more.pop("timeout_seconds", None), more.pop("retries", 0)
        if more:
            raise TypeError(f"PythonScriptStep has no argument '{next(iter(more))}'.")
        if hash_paths:
            warnings.warn(
                "hash_paths has no effect: all of source_directory counts.", UserWarning, stacklevel=2
            )
        self.script_name = script_name
        super().__init__(
            name or script_name,
            [script_name, *(arguments or ())],
            inputs,
            outputs,
            compute_target if compute_target is not None else target,  # the seeds write target=
            runconfig,
            source_directory,
            allow_reuse,
            version,
            params,
            runconfig_pipeline_params,
        )
        self.timeout_seconds, self.retries = timeout, retries

    def check_source(self, folder: str) -> None:
        if not os.path.isfile(os.path.join(folder, self.script_name)):
            raise ValueError(
                f"Step [{self.name}]: script not found at: {os.path.join(folder, self.script_name)}. "
                "Make sure to specify an appropriate source_directory on the Step or "
                "default_source_directory on the Pipeline."
            )


class CommandStep(SourceStep):
    """Runs a command line; one that holds the shell's own signs is given to ``sh -c``."""

    language = "program"

    def __init__(
        self,
        command: str | Sequence[Any] | None = None,
        name: str | None = None,
        compute_target: Any = None,
        runconfig: Any = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        source_directory: str | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
    ) -> None:
        given = command if command is not None else getattr(runconfig, "command", None)
        if not given:
            raise ValueError("CommandStep needs a command, as an argument or in its runconfig.")
        if source_directory is not None and not os.path.isdir(source_directory):
            raise ValueError(f"source_directory '{source_directory}' is not there.")
        words = _words(given)
        config = getattr(runconfig, "run_config", runconfig)  # of a ScriptRunConfig, what it holds
        if source_directory is None:
            source_directory = getattr(runconfig, "source_directory", None)
        super().__init__(
            name or f"CommandStep_{words[0]}",
            words,
            inputs,
            outputs,
            compute_target,
            config,
            source_directory or ".",
            allow_reuse,
            version,
            params,
            runconfig_pipeline_params,
        )


def _runconfig_params(step: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings of the run configuration that come with the run; counts of nodes and processes.

    Raises
    ------
    ValueError
        Another setting is named, or something else than a PipelineParameter is given for it.
    """
    for key, value in (given or {}).items():
        if key not in RUNCONFIG_PARAMS:
            known = ", ".join(RUNCONFIG_PARAMS)
            raise ValueError(f"Step '{step}': runconfig_pipeline_params may hold {known}; not '{key}'.")
        if not isinstance(value, PipelineParameter):
            raise ValueError(
                f"Step '{step}': runconfig_pipeline_params['{key}'] must be a PipelineParameter."
            )
    return dict(given or {})


def _words(command: str | Sequence[Any]) -> list[Any]:
    if isinstance(command, str):
        if any(sign in command for sign in _SHELL):
            return ["sh", "-c", command]
        return list(shlex.split(command))
    first, *rest = list(command)
    return [*(shlex.split(first) if isinstance(first, str) else [first]), *rest]


def target_name(target: Any) -> str | None:
    """The name of a compute target that is given as an object, a name or (name, type)."""
    if isinstance(target, tuple):
        target = target[0]
    if target is None or isinstance(target, str):
        return target
    if isinstance(target, Section) and not hasattr(target, "name"):
        return None
    return str(target.name)
