"""Writes down an interactive run: what a program logged and kept becomes the record of a step."""

from __future__ import annotations

import json
import os
import sys

from skyloom.runner.step_record import StepRecorder
from skyloom.runner.steps.words import work_folder

BOOK = "recorded.json"
CANCELED = "The program canceled the run."


class CanceledError(Exception):
    """Ends the step of a run that its program canceled; faces of the SDK call such a run canceled."""


def main() -> None:
    """Read the book of the working directory, record it, and end as the run ended."""
    name = sys.argv[1]
    with open(os.path.join(name, BOOK), encoding="utf-8") as file:
        book = json.load(file)
    recorder = StepRecorder(work_folder())
    for metric, value in book["metrics"]:
        recorder.record(metric, value)
    for kept, place in book["files"].items():
        recorder.uploads.add(kept, os.path.join(name, place))
    if book["end"] == "canceled":
        raise CanceledError(CANCELED)
    if book["end"] != "completed":
        raise RuntimeError(book["message"] or "The program said that the run failed.")
