"""One-vs-All Multiclass: a two-class learner for each class against all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.modules.machine_learning.initialize.settings import CLASSIFICATION

SPEC = ModuleSpec(
    name="One-vs-All Multiclass",
    version="v1.0",
    category=CLASSIFICATION,
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Untrained binary classification model", ("UntrainedLearner",)),),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    family="7191efaeb4b14d03a6f87205f87be664",
    doc="Makes a multiclass learner of a two-class one: one model a class, telling how likely it is.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4; M0013 the input is no two-class learner."""
    from skyloom.modules.machine_learning.models.training import multiclass_of

    return {
        "Untrained model": multiclass_of(inputs["Untrained binary classification model"], wrap, SPEC.name)
    }


def wrap(build: Callable[[Mapping[str, Any], int], Any]) -> Callable[[Mapping[str, Any], int], Any]:
    """The same settings, one estimator a class."""
    return partial(_build, build)


def _build(build: Callable[[Mapping[str, Any], int], Any], settings: Mapping[str, Any], rows: int) -> Any:
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(build(settings, rows))
