"""UntrainedLearner: an algorithm with its settings, and the settings a sweep would try."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from skyloom.modules.machine_learning.models.features import MIN_MAX
from skyloom.modules.machine_learning.models.task import Task
from skyloom.modules.studio_error import studio_error

SINGLE, RANGE = "SingleParameter", "ParameterRange"
TRAINER_MODE = "Create trainer mode"

Build = Callable[
    [Mapping[str, Any], int], Any
]  # (settings, training rows) -> an estimator that is not fitted


@dataclass(frozen=True)
class UntrainedLearner:
    """What an initializing module gives to a training module.

    ``build`` makes the estimator from ``settings``, whose keys are the friendly names of the parameters, and
    the number of training rows. With trainer mode ParameterRange ``sweep`` has the values to try, by the same
    names, and ``settings`` the first of each: Train Model takes those (as the old documentation says), Tune
    Model Hyperparameters all.
    """

    name: str
    task: Task
    build: Build
    settings: Mapping[str, Any] = field(default_factory=dict)
    sweep: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    normalizer: str = MIN_MAX

    def with_settings(self, chosen: Mapping[str, Any]) -> UntrainedLearner:
        """The same learner with one choice of the sweep."""
        return replace(self, settings={**self.settings, **chosen}, sweep={})

    def combinations(self) -> Iterator[dict[str, Any]]:
        """Every choice of the sweep; one empty choice where there is nothing to try."""
        for values in product(*self.sweep.values()):
            yield dict(zip(self.sweep, values))


def untrained_learner(
    name: str,
    task: Task,
    build: Build,
    values: Mapping[str, Any],
    swept: Mapping[str, tuple[str, str, type]],
    kept: Mapping[str, str] | None = None,
    normalizer: str = MIN_MAX,
    trainer_mode: str = TRAINER_MODE,
) -> UntrainedLearner:
    """The learner that a module's values describe.

    Parameters
    ----------
    swept
        By friendly name: the wire name of the single value, that of its range, and int or float.
    kept
        By friendly name: the wire name of a value that is never swept.

    Raises
    ------
    ProblemError
        M0002 a range that does not read.
    """
    settings = {label: values.get(wire) for label, wire in (kept or {}).items()}
    if values.get(trainer_mode, SINGLE) == SINGLE:
        settings.update({label: values.get(wire) for label, (wire, _, _) in swept.items()})
        return UntrainedLearner(name, task, build, settings, {}, normalizer)
    sweep = {label: range_values(values.get(wire), wire, kind) for label, (_, wire, kind) in swept.items()}
    settings.update({label: tried[0] for label, tried in sweep.items()})
    return UntrainedLearner(name, task, build, settings, sweep, normalizer)


def range_values(text: Any, where: str, kind: type) -> tuple[Any, ...]:
    """The values of a range: numbers between semicolons or commas, each once.

    >>> range_values("0.1; 0.2; 0.1", "Range", float)
    (0.1, 0.2)
    """
    parts = [part.strip() for part in str(text or "").replace(",", ";").split(";")]
    try:
        values = tuple(dict.fromkeys(_number(part, kind) for part in parts if part))
    except ValueError as error:
        raise studio_error(
            2,
            f"'{text}' is no list of {'whole ' if kind is int else ''}numbers.",
            where,
            "Write numbers with semicolons between them, such as 1; 10; 50.",
        ) from error
    if not values:
        raise studio_error(3, "The range has no value.", where, "Write at least one number.")
    return values


def _number(text: str, kind: type) -> Any:
    number = float(text)
    if kind is int:
        if not number.is_integer():
            raise ValueError(text)
        return int(number)
    return number
