"""Evaluate Model: how good the scores of one or two models are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.generation import GENERATION
from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

FIRST, SECOND = "Scored dataset", "Scored dataset to compare"

SPEC = ModuleSpec(
    name="Evaluate Model",
    version="v2.0",
    category="Model Scoring & Evaluation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort(FIRST), InputPort(SECOND, required=False, doc="Scores of another model, to compare.")),
    outputs=(OutputPort("Evaluation results"),),
    parameters=(GENERATION,),
    family="927d65ac3b504694990320f6c1672089",
    doc="Measures scored datasets by the measures of their task; the roles of the score columns tell "
    "which task it is. The measures and the tables of the curves are logged with the run too.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. One row for each input; of clusters one for each cluster and one for all.

    Raises
    ------
    ProblemError
        M0025 no score column, M0084 those of a Python model are not known, M0024 no label column, M0037
        several labels, M0018 labels that do not belong to the scores, M0062 the two inputs are of different
        tasks.
    """
    from skyloom.modules.machine_learning.evaluate.measuring import measure_lines
    from skyloom.modules.machine_learning.evaluate.scored_dataset import read_scored
    from skyloom.modules.machine_learning.evaluate.table_of_lines import table_of_lines

    tables = {port: inputs[port] for port in (FIRST, SECOND) if inputs[port] is not None}
    scored = {port: read_scored(table, port) for port, table in tables.items()}
    _check_alike(scored)
    lines = []
    for port, dataset in scored.items():
        suffix = "" if len(scored) == 1 else " (left port)" if port == FIRST else " (right port)"
        found = measure_lines(dataset, values[GENERATION.name])
        _log(dataset, found, suffix)
        lines += found
    return {"Evaluation results": table_of_lines(lines)}


def _check_alike(scored: Mapping[str, Any]) -> None:
    from skyloom.modules.studio_error import studio_error

    tasks = [dataset.task for dataset in scored.values()]
    if len(set(tasks)) > 1:
        raise studio_error(
            62,
            f"The first dataset is scored by {tasks[0]}, the second by {tasks[1]}.",
            SECOND,
            "Compare models of one task.",
        )


def _log(dataset: Any, lines: list[dict[str, Any]], suffix: str) -> None:
    from skyloom.modules.machine_learning.evaluate.confusion_picture import MOST_CLASSES, confusion_picture
    from skyloom.modules.machine_learning.evaluate.measuring import charts, matrix_of
    from skyloom.modules.machine_learning.evaluate.run_log import log_measures, log_picture, log_tables
    from skyloom.modules.machine_learning.models.task import Task

    if dataset.task is Task.CLUSTER:
        columns = {name: [line[name] for line in lines] for name in lines[0]}
        log_tables({"Evaluation results": columns}, suffix)
        return
    log_measures(lines[0], suffix)
    log_tables(charts(dataset), suffix)
    if dataset.task is Task.MULTICLASS and len(dataset.classes) < MOST_CLASSES:
        log_picture(f"Confusion matrix{suffix}", confusion_picture(matrix_of(dataset), dataset.words))
