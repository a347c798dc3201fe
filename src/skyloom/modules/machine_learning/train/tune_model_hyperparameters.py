"""Tune Model Hyperparameters: tries the settings of a range and trains with the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

MODE, GRID, SWEEP, RANDOM_GRID = (
    "Specify parameter sweeping mode",
    "Entire grid",
    "Random sweep",
    "Random grid",
)
LABEL = "Name or numerical index of the label column"
FOR_CLASSES = "Metric for measuring performance for classification"
FOR_NUMBERS = "Metric for measuring performance for regression"
GREATEST_SEED = 4294967295
CLASS_METRICS = (
    "Accuracy",
    "Precision",
    "Recall",
    "F-score",
    "AUC",
    "Average Log Loss",
    "Train Log Loss",
)
NUMBER_METRICS = (
    "Mean absolute error",
    "Root of mean squared error",
    "Relative absolute error",
    "Relative squared error",
    "Coefficient of determination",
)


def _runs(name: str, mode: str) -> Parameter:
    return Parameter(
        name,
        "int",
        5,
        minimum=1,
        maximum=10000,
        shown_when=(MODE, (mode,)),
        doc="How many combinations are tried at most.",
    )


def _seed(name: str, mode: str, label: str = "") -> Parameter:
    return Parameter(
        name,
        "int",
        0,
        minimum=0,
        maximum=GREATEST_SEED,
        shown_when=(MODE, (mode,)),
        label=label,
        doc="The same seed draws the same combinations.",
    )


SPEC = ModuleSpec(
    name="Tune Model Hyperparameters",
    version="v1.0",
    category="Model Training",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(
        InputPort("Untrained model", ("UntrainedLearner",)),
        InputPort("Training dataset"),
        InputPort("Validation dataset", required=False, doc="Rows to measure on; without them three folds."),
    ),
    outputs=(OutputPort("Sweep results"), OutputPort("Trained best model", "ILearner")),
    parameters=(
        Parameter(
            MODE,
            "choice",
            SWEEP,
            choices=(GRID, SWEEP, RANDOM_GRID),
            doc="Try every combination of the ranges, or some drawn by chance.",
        ),
        _runs("Maximum number of runs on random sweep", SWEEP),
        _seed("Random seed", SWEEP),
        _runs("Maximum number of runs on random grid", RANDOM_GRID),
        _seed("Random seed for random grid", RANDOM_GRID, "Random seed"),
        Parameter(
            LABEL, "columns", required=True, label="Label column", doc="The column to learn to predict."
        ),
        Parameter(
            FOR_CLASSES, "choice", "Accuracy", choices=CLASS_METRICS, doc="What makes a classifier the best."
        ),
        Parameter(
            FOR_NUMBERS,
            "choice",
            "Mean absolute error",
            choices=NUMBER_METRICS,
            doc="What makes a regression the best.",
        ),
    ),
    family="038d91b6c2f242a192151f2c20ed1b40",
    aliases=("Sweep Parameters",),
    doc="Tries combinations of the settings of a learner whose trainer mode is ParameterRange, and trains "
    "with the best one on the whole training dataset.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. The table of trials begins with the best.

    Raises
    ------
    ProblemError
        M0013 the learner is of another kind, M0021 too few rows, what training finds wrong.
    """
    from skyloom.modules.machine_learning.evaluate.table_of_lines import table_of_lines
    from skyloom.modules.machine_learning.models.fitting import fit_model
    from skyloom.modules.machine_learning.models.task import Task
    from skyloom.modules.machine_learning.models.training import checked_learner
    from skyloom.modules.machine_learning.train.tuning import chosen_combinations, ranks, try_combinations
    from skyloom.modules.tables.selection import picked_column

    wanted = (Task.BINARY, Task.MULTICLASS, Task.REGRESSION, Task.QUANTILE)
    learner = checked_learner(inputs["Untrained model"], wanted, SPEC.name)
    table = inputs["Training dataset"]
    label = picked_column(table, values, LABEL)
    is_classifier = learner.task.is_classification
    metrics = CLASS_METRICS[:-1] if is_classifier else NUMBER_METRICS
    metric = values[FOR_CLASSES if is_classifier else FOR_NUMBERS]
    metrics = metrics if metric in metrics else (*metrics, metric)
    if not learner.sweep:
        print(f"{learner.name} has one value for each setting, so one combination is tried.")
    trials = try_combinations(
        learner,
        chosen_combinations(learner, *_drawn(values)),
        table,
        inputs["Validation dataset"],
        label,
        metrics,
    )
    found = ranks([trial.measures[metric] for trial in trials], metric)
    order = sorted(range(len(trials)), key=lambda place: found[place])
    lines = [
        {
            **trials[place].settings,
            **{f"mean_test_{name}": value for name, value in trials[place].measures.items()},
            "rank": found[place],
        }
        for place in order
    ]
    best = learner.with_settings(trials[order[0]].settings)
    return {"Sweep results": table_of_lines(lines), "Trained best model": fit_model(best, table, label)}


def _drawn(values: Mapping[str, Any]) -> tuple[int | None, int]:
    """How many combinations at most, None for all, and the seed."""
    if values[MODE] == GRID:
        return None, 0
    if values[MODE] == SWEEP:
        return values["Maximum number of runs on random sweep"], values["Random seed"]
    return values["Maximum number of runs on random grid"], values["Random seed for random grid"]
