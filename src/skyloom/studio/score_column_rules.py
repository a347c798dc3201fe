"""Column rules of the modules that learn, score and measure (studio.md 2.4).

What a model's score columns are called follows from its learner, which is found by going up the graph:
Score Model, what trained its model, the learner that was trained. A saved model tells nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from skyloom.core.generation import CLASSIC, DESIGNER, GENERATION
from skyloom.data.column_schema import ACCURATE, INACCURATE
from skyloom.data.column_type import ColumnAttributes
from skyloom.modules.machine_learning.models.score_names import score_names
from skyloom.modules.machine_learning.models.task import LABEL_ROLES, Task
from skyloom.studio.column_rule import (
    Asked,
    Columns,
    Rule,
    Told,
    always,
    number,
    picked,
    replaced,
    retyped,
    unsure,
)

# module that trains: its parameter for the label, the ports of its learner and of its rows
_TRAINERS: Mapping[str, tuple[str, str]] = {
    "Train Model": ("Label column", "Dataset"),
    "Tune Model Hyperparameters": ("Name or numerical index of the label column", "Training dataset"),
    "Train Anomaly Detection Model": ("", "Dataset"),
    "Train Clustering Model": ("", "Dataset"),
    "Cross Validate Model": ("Name or numerical index of the label column", "Dataset"),
}
_OTHER_LEARNERS = {
    "Fast Forest Quantile Regression": Task.QUANTILE,
    "PCA-Based Anomaly Detection": Task.ANOMALY,
    "K-Means Clustering": Task.CLUSTER,
}
_TWO_CLASS = ("AUC", "Accuracy", "Precision", "Recall", "F1")
_COUNTS = ("True Negative", "False Positive", "False Negative", "True Positive")
_MULTICLASS = ("Micro_Precision", "Macro_Precision", "Micro_Recall", "Macro_Recall")
_REGRESSION = (
    *("Mean_Absolute_Error", "Root_Mean_Squared_Error", "Relative_Squared_Error", "Relative_Absolute_Error"),
    "Coefficient_of_Determination",
)
_CLUSTERS = ("Average Distance to Cluster Center", "Average Distance to Other Center")


def _task_of(learner: Asked) -> Task:
    """What a learner is for; LookupError where its name does not tell."""
    if learner.module in _OTHER_LEARNERS:
        return _OTHER_LEARNERS[learner.module]
    if learner.module.startswith("Two-Class "):
        return Task.BINARY
    if learner.module.lower().startswith("multiclass ") or learner.module.startswith("One-vs-"):
        return Task.MULTICLASS
    if learner.module.endswith(" Regression"):
        return Task.REGRESSION
    raise LookupError("a script, or a module of somebody else")


def _learner_of(trainer: Asked) -> Asked:
    found = trainer.source("Untrained model")
    if trainer.module not in _TRAINERS or found is None:
        raise LookupError("nothing that trains")
    return found


def _label_of(trainer: Asked) -> ColumnAttributes | None:
    """The label column as the training rows have it."""
    parameter, port = _TRAINERS[trainer.module]
    if not parameter:
        return None
    chosen = picked(trainer.inputs[port], trainer.values[parameter])
    return chosen[0] if chosen else None


def _scores(learner: Asked, label: ColumnAttributes | None, generation: str) -> Told:
    """The score columns of a model, in their order."""
    task, level = _task_of(learner), ACCURATE
    words: tuple[str, ...] = ()
    match task:
        case Task.MULTICLASS:
            level = INACCURATE  # the classes are in the cells of the label
        case Task.QUANTILE:
            is_single = learner.values["Create trainer mode"] == "SingleParameter"
            text = learner.values["Quantiles to be estimated" if is_single else "Required quantile values"]
            words = tuple(part.strip() for part in str(text).replace(",", ";").split(";") if part.strip())
        case Task.CLUSTER if learner.values["Create trainer mode"] == "SingleParameter":
            words = tuple(map(str, range(learner.count("Number of Centroids"))))
        case Task.CLUSTER:
            level = INACCURATE
    made = []
    for name, role in score_names(task, words, generation):
        column = number(name)
        if role == LABEL_ROLES.get(task):
            column = _scored_label(name, task, label)
        made.append(column.as_score(role))
    return Told(tuple(made), level)


def _scored_label(name: str, task: Task, label: ColumnAttributes | None) -> ColumnAttributes:
    match task:
        case Task.CLUSTER:
            return ColumnAttributes(name, "Categorical", underlying="Integer")
        case Task.ANOMALY:
            return ColumnAttributes(name, "Integer")
        case Task.BINARY | Task.MULTICLASS if label is not None:
            return replace(retyped(label, label.underlying or label.type), name=name)
        case _:
            return number(name)


def _with_scores(columns: Columns, scores: Columns, label: str) -> Columns:
    """As modules put scores beside a dataset: roles belong to one column."""
    roles, names = {column.score_role for column in scores}, {column.name for column in scores}
    has_label = any(column.label_role for column in columns)
    kept = []
    for column in columns:
        if column.score_role in roles and column.name not in names:
            column = replace(column, is_feature=False, score_role="")
        elif column.name == label and not has_label:
            column = column.as_label()
        kept.append(column)
    return replaced(tuple(kept), scores)


def _score(asked: Asked) -> Told:
    columns, trainer = asked.inputs["Dataset"], asked.source("Trained model")
    if trainer is None:
        return unsure(columns)  # a saved model
    label = _label_of(trainer)
    scores = _scores(_learner_of(trainer), label, str(asked.values.get(GENERATION.name, CLASSIC)))
    beside = _with_scores(columns, scores.columns, label.name if label else "")
    if asked.values.get("Append score columns to output", True):
        return Told(beside, scores.level)
    names = {column.name for column in scores.columns}
    labels = tuple(column for column in beside if column.label_role and column.name not in names)
    return Told((*scores.columns, *labels), scores.level)


def _clusters(asked: Asked) -> Told:
    trainer = asked if asked.module in _TRAINERS else asked.source("Trained model")
    columns = asked.inputs["Dataset"]
    if trainer is None:
        return unsure(columns)
    scores = _scores(_learner_of(trainer), None, CLASSIC)
    if asked.values["Check for Append or Uncheck for Result Only"]:
        return Told(_with_scores(columns, scores.columns, ""), scores.level)
    return scores


def _cross_validated(asked: Asked) -> Told:
    learner, label = _learner_of(asked), _label_of(asked)
    generation = str(asked.values.get(GENERATION.name, CLASSIC))
    if label is None:
        raise LookupError("no label")
    if asked.port == "Evaluation results by fold":
        fixed = (ColumnAttributes("Fold Number", "String"), number("Number of examples in fold"))
        return always((*fixed, *_measures(_task_of(learner), generation)))
    columns = tuple(
        column.as_label()
        if column.name == label.name
        else replace(column, is_feature=False, label_role="")
        if column.label_role
        else column
        for column in asked.columns
    )
    scores = _scores(learner, label, generation)
    beside = _with_scores(columns, scores.columns, label.name)
    taken, name, count = {column.name for column in beside}, "Fold Number", 0
    while name in taken:
        count += 1
        name = f"Fold Number_{count}"
    fold = replace(ColumnAttributes(name, "Integer"), is_feature=False)
    return Told((*beside, fold), scores.level)


def _evaluated(asked: Asked) -> Told:
    roles = {column.score_role for column in asked.inputs["Scored dataset"]}
    task = next((task for task, role in LABEL_ROLES.items() if role in roles), None)
    if task is None:
        is_quantile = any(role.startswith("Quantile: ") for role in roles)
        if not is_quantile:
            raise LookupError("no score column is known")
        task = Task.QUANTILE
    return always(_measures(task, str(asked.values.get(GENERATION.name, CLASSIC))))


def _measures(task: Task, generation: str) -> Columns:
    """The columns of Evaluate Model."""
    match task:
        case Task.BINARY | Task.ANOMALY:
            return (*map(number, _TWO_CLASS), *(ColumnAttributes(name, "Integer") for name in _COUNTS))
        case Task.CLUSTER:
            points = ColumnAttributes("Number of Points", "Integer")
            greatest = number("Maximal Distance to Cluster Center")
            return (
                ColumnAttributes("Result Description", "String"),
                *map(number, _CLUSTERS),
                points,
                greatest,
            )
        case Task.MULTICLASS if generation == DESIGNER:
            names: Sequence[str] = ("Overall_Accuracy", *_MULTICLASS)
        case Task.MULTICLASS:
            names = ("Overall_Accuracy", "Average_Accuracy", *_MULTICLASS)
        case _:
            names = (*_REGRESSION, *(("Average Quantile Loss",) if task is Task.QUANTILE else ()))
    spelled = names if generation == DESIGNER else [name.replace("_", " ") for name in names]
    return tuple(map(number, spelled))


def _tuned(asked: Asked) -> Told:
    """A column for each parameter that has a range, then the measures and the rank."""
    learner = _learner_of(asked)
    is_classifier = _task_of(learner) in (Task.BINARY, Task.MULTICLASS)
    measures = (
        ("Accuracy", "Precision", "Recall", "F-score", "AUC", "Average Log Loss")
        if is_classifier
        else (
            *("Mean absolute error", "Root of mean squared error", "Relative absolute error"),
            *("Relative squared error", "Coefficient of determination"),
        )
    )
    made = (*(number(f"mean_test_{name}") for name in measures), ColumnAttributes("rank", "Integer"))
    return unsure(made)


def _importance(asked: Asked) -> Told:
    return always((ColumnAttributes("Feature", "String"), number("Score")))


SCORE_RULES: Mapping[str, Rule] = {
    "Assign Data to Clusters": _clusters,
    "Cross Validate Model": _cross_validated,
    "Evaluate Model": _evaluated,
    "Permutation Feature Importance": _importance,
    "Score Model": _score,
    "Train Clustering Model": _clusters,
    "Tune Model Hyperparameters": _tuned,
}
