"""ParallelRunStep and ParallelRunConfig: a script over many files or rows. Source: sdk.md 12."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skyloom.sdk.driver import DRIVER_FILE, driver_file
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.python_script import SourceStep

ACTIONS = ("append_row", "summary_only")
RESERVED = (
    "--name", "--input", "--output", "--output_action", "--mini_batch_size", "--error_threshold",
    "--append_row_file_name", "--partition_keys", "--allowed_failed_count", "--allowed_failed_percent",
    "--run_invocation_timeout", "--run_max_try", "--node_count", "--process_count_per_node",
    "--logging_level", "--scoring_module_name", "--client_sdk_version",
)  # fmt: skip
_SIZE = re.compile(r"\d+([kmg]b*|b*)", re.IGNORECASE)
_FIELDS = (
    "entry_script", "error_threshold", "output_action", "node_count", "process_count_per_node",
    "mini_batch_size", "source_directory", "description", "logging_level", "run_invocation_timeout",
    "run_max_try", "append_row_file_name", "allowed_failed_count", "allowed_failed_percent",
    "partition_keys", "environment_variables",
)  # fmt: skip


class ParallelRunConfig:
    """How the work of a ParallelRunStep is cut up; most fields may be PipelineParameters.

    Raises
    ------
    ValueError
        A field is out of its range, or mini_batch_size stands beside partition_keys.
    """

    def __init__(
        self,
        environment: Any,
        entry_script: str,
        error_threshold: Any,
        output_action: str,
        compute_target: Any = None,
        node_count: Any = 1,
        process_count_per_node: Any = None,
        mini_batch_size: Any = None,
        source_directory: str | None = None,
        description: str | None = None,
        logging_level: Any = "INFO",
        run_invocation_timeout: Any = 60,
        run_max_try: Any = 3,
        append_row_file_name: str | None = None,
        allowed_failed_count: Any = None,
        allowed_failed_percent: Any = None,
        partition_keys: Any = None,
        environment_variables: Mapping[str, str] | None = None,
    ) -> None:
        self.environment = environment
        self.entry_script = entry_script
        self.error_threshold = error_threshold
        self.output_action = output_action
        self.compute_target = compute_target
        self.node_count = node_count
        self.process_count_per_node = process_count_per_node
        self.mini_batch_size = mini_batch_size
        self.source_directory = source_directory
        self.description = description
        self.logging_level = logging_level
        self.run_invocation_timeout = run_invocation_timeout
        self.run_max_try = run_max_try
        self.append_row_file_name = append_row_file_name
        self.allowed_failed_count = allowed_failed_count
        self.allowed_failed_percent = allowed_failed_percent
        self.partition_keys = partition_keys
        self.environment_variables = environment_variables
        self._check()

    def _check(self) -> None:
        if not isinstance(self.entry_script, str) or not self.entry_script.strip():
            raise ValueError("The parameter entry_script must be the name of a script.")
        if self.output_action not in ACTIONS:
            raise ValueError(f"The parameter output_action must be one of {', '.join(ACTIONS)}.")
        if self.mini_batch_size is not None and self.partition_keys is not None:
            raise ValueError("mini_batch_size and partition_keys exclude each other.")
        size = self.mini_batch_size
        if isinstance(size, (int, str)) and not _SIZE.fullmatch(str(size).strip()):
            raise ValueError(f"mini_batch_size is a number, or a size such as '10MB', not {size!r}.")
        for name, least in (
            ("error_threshold", -1), ("node_count", 1), ("process_count_per_node", 1),
            ("run_invocation_timeout", 1), ("run_max_try", 1),
        ):  # fmt: skip
            value = getattr(self, name)
            if value is None or isinstance(value, PipelineParameter):
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise ValueError(f"The parameter {name} must be an int or a PipelineParameter.")
            if value < least:
                raise ValueError(f"The parameter {name} must be {least} or more, not {value}.")
        most = getattr(getattr(self.compute_target, "scale_settings", None), "maximum_node_count", None)
        if isinstance(self.node_count, int) and isinstance(most, int) and self.node_count > most:
            raise ValueError(f"node_count {self.node_count} is more than the {most} nodes of the cluster.")

    def save_to_yaml(self, path: str) -> None:
        """Write the fields, and the environment's name and version."""
        import yaml  # a tenth of a second that nobody else pays

        fields = {name: _plain(getattr(self, name)) for name in _FIELDS}
        environment = {
            "name": getattr(self.environment, "name", None),
            "version": getattr(self.environment, "version", None),
        }
        target = getattr(self.compute_target, "name", self.compute_target)
        body = {**fields, "environment": environment, "compute_target": target}
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump({"parallel_run_config": body}, file, sort_keys=False)

    @staticmethod
    def load_yaml(workspace: Any, path: str) -> ParallelRunConfig:
        """Read what save_to_yaml wrote; the environment is looked up in the workspace."""
        import yaml  # as above

        from skyloom.sdk.environment import Environment

        with open(path, encoding="utf-8") as file:
            read = yaml.safe_load(file)
        body = dict(read.get("parallel_run_config", read))
        wanted = body.pop("environment", None) or {}
        known = Environment.list(workspace)
        name = wanted.get("name") if isinstance(wanted, dict) else str(wanted)
        environment = known.get(str(name)) or Environment(str(name or "default-environment"))
        return ParallelRunConfig(
            environment,
            compute_target=body.pop("compute_target", None),
            **{key: value for key, value in body.items() if key in _FIELDS},
        )

    def __repr__(self) -> str:
        return f"ParallelRunConfig({', '.join(f'{name}={getattr(self, name)!r}' for name in _FIELDS)})"


class ParallelRunStep(SourceStep):
    """Runs ``run(mini_batch)`` of a script over all files or rows of its inputs, in several processes.

    Raises
    ------
    ValueError
        There is no input, an argument does not begin with an option, or uses a name of the driver's.
    """

    def __init__(
        self,
        name: str,
        parallel_run_config: ParallelRunConfig,
        inputs: Sequence[Any],
        output: Any = None,
        side_inputs: Sequence[Any] | None = None,
        arguments: Iterable[Any] | None = None,
        allow_reuse: bool = True,
        **_: Any,
    ) -> None:
        if not isinstance(parallel_run_config, ParallelRunConfig):
            raise ValueError("parallel_run_config must be a ParallelRunConfig.")
        if not inputs:
            raise ValueError(f"Step '{name}' needs at least one input.")
        words = list(arguments or ())
        _check_arguments(name, words)
        config = self.parallel_run_config = parallel_run_config
        run_config = RunConfiguration()
        if config.environment is not None:
            run_config.environment = config.environment
        variables = dict(config.environment_variables or {})
        run_config.environment_variables = variables
        super().__init__(
            name,
            words,
            [*inputs, *(side_inputs or ())],
            [output] if output is not None else None,
            config.compute_target,
            run_config,
            config.source_directory,
            allow_reuse,
            None,
        )
        options = _options(config, [(self.input_name(one), one) for one in self.inputs[: len(inputs)]])
        made = ["--output", self.outputs[0]] if output is not None else []
        self.arguments = [DRIVER_FILE, *made, *options, "--", config.entry_script, *self.arguments]

    def added_files(self) -> dict[str, bytes]:
        return driver_file("parallel.drive")

    def check_source(self, folder: str) -> None:
        script = os.path.join(folder, self.parallel_run_config.entry_script)
        if not os.path.isfile(script):
            raise ValueError(f"Step [{self.name}]: entry script not found at: {script}.")


def _options(config: ParallelRunConfig, inputs: Sequence[tuple[str, Any]]) -> list[Any]:
    """The driver's words but for the output; ``inputs`` by the names of their ports."""
    words: list[Any] = []
    for name, one in inputs:
        words += ["--name", name, "--input", one]
    keys = config.partition_keys
    settings = {
        "output_action": config.output_action,
        "append_row_file_name": config.append_row_file_name,
        "mini_batch_size": config.mini_batch_size,
        "partition_keys": keys if isinstance(keys, PipelineParameter) else json.dumps(list(keys or ())),
        "error_threshold": config.error_threshold,
        "allowed_failed_count": config.allowed_failed_count,
        "allowed_failed_percent": config.allowed_failed_percent,
        "run_invocation_timeout": config.run_invocation_timeout,
        "run_max_try": config.run_max_try,
        "node_count": config.node_count,
        "process_count_per_node": config.process_count_per_node,
        "logging_level": config.logging_level,
    }
    for name, value in settings.items():
        if value is not None:
            words += [f"--{name}", value if isinstance(value, PipelineParameter) else str(value)]
    return words


def _check_arguments(name: str, words: Sequence[Any]) -> None:
    if words and not (isinstance(words[0], str) and words[0].startswith("-")):
        raise ValueError(f"Step '{name}': arguments must begin with an option such as --model_name.")
    taken = [word for word in words if isinstance(word, str) and word in RESERVED]
    if taken:
        raise ValueError(f"Step '{name}': the argument {taken[0]} is one of the driver's own.")


def _plain(value: Any) -> Any:
    return value.default_value if isinstance(value, PipelineParameter) else value
