"""HyperDriveStep: a sweep as a step. Source: sdk.md 12."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from skyloom.sdk.hyperdrive.config import HyperDriveConfig
from skyloom.sdk.steps.pipeline_step import data_of
from skyloom.sdk.steps.python_script import SourceStep


class HyperDriveStep(SourceStep):
    """Tries a script with many values.

    Parameters
    ----------
    metrics_output
        A file with ``{trial: {metric: [values]}}`` as JSON.
    outputs
        Those with a TrainingOutput of type Model get the best trial's file; Metrics is as metrics_output.
    """

    def __init__(
        self,
        name: str,
        hyperdrive_config: HyperDriveConfig,
        estimator_entry_script_arguments: Iterable[Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        metrics_output: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **_: Any,
    ) -> None:
        if not isinstance(hyperdrive_config, HyperDriveConfig):
            raise ValueError("hyperdrive_config must be a HyperDriveConfig.")
        self._config = hyperdrive_config
        script = hyperdrive_config.script()
        made = list(outputs or ())
        words: list[Any] = []
        if metrics_output is not None:
            made += _listed(metrics_output)
        for one in made:
            words += _words_of(one, metrics_output)
        more = list(estimator_entry_script_arguments or ())
        super().__init__(
            name,
            hyperdrive_config.words(words, more),
            [*(inputs or ()), *(one for one in script.inputs if one not in (inputs or ()))],
            made,
            script.compute_target,
            script.runconfig,
            script.source_directory,
            allow_reuse,
            version,
        )

    def added_files(self) -> dict[str, bytes]:
        return {**self._config.script().added_files(), **self._config.added_files()}


def _listed(one: Any) -> list[Any]:
    return list(one) if isinstance(one, (list, tuple)) else [one]


def _words_of(one: Any, metrics_output: Any) -> list[Any]:
    """What the driver is to write to an output; one without a word belongs to the script itself."""
    data = data_of(one)
    wanted = data.training_output if data is not None else None
    if (wanted is not None and wanted.type == "Metrics") or one in _listed(metrics_output):
        return ["--metrics", one]
    if wanted is not None:
        return ["--model_file", wanted.model_file or "outputs", "--model", one]
    return []
