"""The space of a sweep: distributions by name, drawn from with one seed. Source: sdk.md 12, HyperDrive."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence

Values = Dict[str, Any]
Space = Mapping[str, Sequence[Any]]  # name -> [distribution, [arguments]]


def draw(distribution: Sequence[Any], source: random.Random) -> Any:
    """One value.

    >>> draw(["quniform", [0, 10, 5]], random.Random(1)) in (0, 5, 10)
    True
    """
    name, arguments = distribution
    return _DRAWS[name](source, *arguments)


def draw_all(space: Space, source: random.Random) -> Values:
    return {name: draw(distribution, source) for name, distribution in space.items()}


def grid(space: Space) -> Iterator[Values]:
    """Every combination of choices.

    >>> list(grid({"a": ["choice", [[1, 2]]], "b": ["choice", [["x"]]]}))
    [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'x'}]
    """
    names = list(space)
    for values in itertools.product(*(space[name][1][0] for name in names)):
        yield dict(zip(names, values))


def _rounded(value: float, step: float) -> float:
    return round(value / step) * step


def _quantized(draw_one: Callable[..., float]) -> Callable[..., float]:
    return lambda source, *arguments: _rounded(draw_one(source, *arguments[:-1]), arguments[-1])


def _uniform(source: random.Random, low: float, high: float) -> float:
    return source.uniform(low, high)


def _loguniform(source: random.Random, low: float, high: float) -> float:
    return math.exp(source.uniform(low, high))


def _normal(source: random.Random, mean: float, deviation: float) -> float:
    return source.gauss(mean, deviation)


def _lognormal(source: random.Random, mean: float, deviation: float) -> float:
    return math.exp(source.gauss(mean, deviation))


def _choice(source: random.Random, options: List[Any]) -> Any:
    return source.choice(options)


def _randint(source: random.Random, upper: int) -> int:
    return source.randrange(upper)


_DRAWS: Dict[str, Callable[..., Any]] = {
    "choice": _choice,
    "randint": _randint,
    "uniform": _uniform,
    "quniform": _quantized(_uniform),
    "loguniform": _loguniform,
    "qloguniform": _quantized(_loguniform),
    "normal": _normal,
    "qnormal": _quantized(_normal),
    "lognormal": _lognormal,
    "qlognormal": _quantized(_lognormal),
}
