"""ScriptRunConfig: a script that is submitted alone. Source: sdk.md 9."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.pipeline_data import InputPortBinding
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.script_step import ScriptStep

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.run_lookup import ScriptRun


class ScriptRunConfig:
    """A script of a source directory, or a command in it, with its arguments and run configuration.

    Raises
    ------
    UserErrorException
        Not exactly one of ``script`` and ``command`` is given, or the script is not there.
    """

    is_submittable = True  # by Experiment.submit

    def __init__(
        self,
        source_directory: str,
        script: str | None = None,
        arguments: Iterable[Any] | None = None,
        run_config: Any = None,
        _telemetry_values: Any = None,
        compute_target: Any = None,
        environment: Any = None,
        distributed_job_config: Any = None,
        resume_from: Any = None,
        max_run_duration_seconds: int | None = 2592000,
        command: str | Sequence[Any] | None = None,
        docker_runtime_config: Any = None,
    ) -> None:
        self.source_directory = source_directory or "."
        config: Any = run_config if run_config is not None else RunConfiguration()
        self.run_config = config
        if environment is not None:
            config.environment = environment
        if compute_target is not None:
            config.target = compute_target
        if docker_runtime_config is not None:
            config.docker = docker_runtime_config
        if distributed_job_config is not None:
            kind = type(distributed_job_config).__name__.removesuffix("Configuration").lower()
            setattr(config, kind, distributed_job_config)
        self.script = script or (None if command else getattr(config, "script", None))
        self.command = command or (None if script else config.command)
        self.arguments = list(arguments if arguments is not None else config.arguments or ())
        self.resume_from = resume_from
        self.max_run_duration_seconds = max_run_duration_seconds
        self._check()

    def _check(self) -> None:
        if bool(self.script) == bool(self.command):
            raise UserErrorException("ScriptRunConfig takes either script or command; give one of them.")
        if not os.path.isdir(self.source_directory):
            raise UserErrorException(f"The source directory '{self.source_directory}' is not there.")
        if self.script and not os.path.isfile(os.path.join(self.source_directory, self.script)):
            raise UserErrorException(
                f"The script '{self.script}' is not in the source directory '{self.source_directory}'."
            )

    def _submit_to(self, experiment: Experiment, run: str | None = None, **more: Any) -> ScriptRun:
        """Start the script as a run of its own; called by Experiment.submit."""
        made: ScriptRun = experiment.workspace._submit_script(
            experiment,
            self.step(),
            display_name=more.get("display_name"),
            tags=more.get("tags"),
            timeout_s=self.max_run_duration_seconds,
        )
        return made

    def step(self, arguments: Iterable[Any] = ()) -> ScriptStep:
        """The one step that the run is; ``arguments`` come behind those that are set."""
        words = [*self._words(), *self.arguments, *arguments]
        return ScriptStep(
            self.script or str(words[0]),
            words,
            data_in(words),
            self.run_config,
            self.source_directory,
            "python" if self.script else "program",
        )

    def _words(self) -> list[Any]:
        if self.script:
            return [self.script]
        return shlex.split(self.command) if isinstance(self.command, str) else list(self.command or ())


def data_in(words: Iterable[Any]) -> list[Any]:
    """What among the arguments is data, each once: a script alone has no list of inputs."""
    found: list[Any] = []
    for word in words:
        if isinstance(word, (DataReference, InputPortBinding)) and word not in found:
            found.append(word)
    return found


def script_words(values: Mapping[str, Any] | None) -> list[Any]:
    """``{"--rate": 0.1}`` as words, in the order that is given; an empty value is a flag alone."""
    words: list[Any] = []
    for name, value in (values or {}).items():
        words.append(name)
        if value != "":
            words += value if isinstance(value, (list, tuple)) else [value]
    return words
