"""ParallelRunStepDetails: a parallel run step at a glance. Source: sdk.md 2, azureml.widgets."""

from __future__ import annotations

from typing import Any

from skyloom.sdk.run import Run
from skyloom.sdk.run_details import RunDetails


class ParallelRunStepDetails(RunDetails):
    """RunDetails of one step, and what its driver said of the mini-batches."""

    def __init__(self, step_run: Run) -> None:
        super().__init__(step_run)

    def get_widget_data(self, widget_settings: Any = None) -> dict[str, Any]:
        """As RunDetails tells it, and ``mini_batches``: a line for each that has ended."""
        files = self._run._files()
        lines = files.log("azureml-logs/70_driver_log.txt").splitlines() if files is not None else []
        told = [line for line in lines if line.startswith("Mini-batch ")]
        return {**super().get_widget_data(widget_settings), "mini_batches": told}
