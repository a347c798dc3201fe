"""TrainingOutput: what of a sweep an output of the step is. Source: sdk.md 7."""

from __future__ import annotations

TYPES = ("Model", "Metrics")


class TrainingOutput:
    """The best trial's model, or the metrics of all trials.

    Raises
    ------
    ValueError
        The type is none, or both iteration and metric are given.
    """

    def __init__(
        self, type: str, iteration: int | None = None, metric: str | None = None,
        model_file: str | None = None,
    ) -> None:  # fmt: skip
        if type not in TYPES:
            raise ValueError(f"TrainingOutput type is one of {', '.join(TYPES)}, not {type!r}.")
        if iteration is not None and metric is not None:
            raise ValueError("TrainingOutput takes either iteration or metric.")
        self.type = type
        self.iteration = iteration
        self.metric = metric
        self.model_file = model_file

    def __repr__(self) -> str:
        return f"TrainingOutput({self.type!r}, model_file={self.model_file!r})"
