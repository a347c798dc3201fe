"""Which learners a module can train, and training them whatever their kind."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from skyloom.data.table import Table
from skyloom.modules.machine_learning.models.cluster_model import ClusterModel
from skyloom.modules.machine_learning.models.fitting import fit_model
from skyloom.modules.machine_learning.models.learner import Build, UntrainedLearner
from skyloom.modules.machine_learning.models.script_model import TrainedScriptModel, UntrainedScriptModel
from skyloom.modules.machine_learning.models.task import Task
from skyloom.modules.machine_learning.models.trained_model import TrainedModel
from skyloom.modules.studio_error import studio_error

LABELLED = (Task.BINARY, Task.MULTICLASS, Task.REGRESSION, Task.QUANTILE, Task.SCRIPT)
SCORED = (*LABELLED, Task.ANOMALY)  # by Score Model

Untrained = UntrainedLearner | UntrainedScriptModel
Trained = TrainedModel | TrainedScriptModel | ClusterModel


def checked_learner(content: Any, tasks: Collection[Task], module: str) -> Any:
    """The content of an input port as a learner of one of the tasks.

    Raises
    ------
    ProblemError
        M0013 (Studio error 0013) when it is none.
    """
    if isinstance(content, (UntrainedLearner, UntrainedScriptModel)) and content.task in tasks:
        return content
    if isinstance(content, (UntrainedLearner, UntrainedScriptModel)):
        found = f"'{content.name}' is a learner for {content.task}"
    else:
        found = f"The input is a {type(content).__name__}, not an untrained learner"
    raise studio_error(
        13,
        f"{found}; {module} trains learners for {', '.join(tasks)}.",
        "Untrained model",
        "Connect a learner of that kind.",
    )


def checked_model(content: Any, tasks: Collection[Task], module: str) -> Any:
    """The content of an input port as a trained model of one of the tasks.

    Raises
    ------
    ProblemError
        M0012 a learner that is not trained, M0159 no model at all, M0013 a model of another kind.
    """
    if isinstance(content, (UntrainedLearner, UntrainedScriptModel)):
        raise studio_error(
            12,
            f"'{content.name}' is not trained.",
            "Trained model",
            "Put a training module such as Train Model between them.",
        )
    if not isinstance(content, (TrainedModel, TrainedScriptModel, ClusterModel)):
        raise studio_error(
            159,
            f"The input is a {type(content).__name__}, not a trained model.",
            "Trained model",
            "Connect the output of a training module.",
        )
    if content.task not in tasks:
        raise studio_error(
            13,
            f"'{content.learner.name}' is a model for {content.task}; {module} takes models for "
            f"{', '.join(tasks)}.",
            "Trained model",
            "Connect a model of that kind.",
        )
    return content


def train(learner: Untrained, table: Table, label: str) -> TrainedModel | TrainedScriptModel:
    """Train a learner on a labelled dataset; the problems are those of its kind."""
    if isinstance(learner, UntrainedScriptModel):
        return learner.train(table, label)
    return fit_model(learner, table, label)


def multiclass_of(content: Any, wrap: Callable[[Build], Build], module: str) -> UntrainedLearner:
    """A multiclass learner made of a two-class one.

    Raises
    ------
    ProblemError
        M0013 the content is no two-class learner.
    """
    learner: UntrainedLearner = checked_learner(content, (Task.BINARY,), module)
    return replace(
        learner, name=f"{module} of {learner.name}", task=Task.MULTICLASS, build=wrap(learner.build)
    )
