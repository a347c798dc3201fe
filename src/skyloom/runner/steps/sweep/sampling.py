"""Which values the next trial gets: at random, from a grid, or from what earlier trials gave."""

from __future__ import annotations

import math
import random
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from skyloom.runner.steps.sweep.space import Space, Values, draw, draw_all, grid

Seen = List[Tuple[Values, float]]  # values of ended trials and their metric; smaller is better

_AT_RANDOM = 6  # trials before an estimate is worth anything
_CANDIDATES = 24
_GOOD_SHARE = 0.25


class Sampler:
    """Gives values for one trial after the other; ``kind`` is random, grid or bayesian."""

    def __init__(self, kind: str, space: Space, seed: int) -> None:
        self._kind = kind
        self._space = space
        self._source = random.Random(seed)
        self._grid: Optional[Iterator[Values]] = grid(space) if kind == "grid" else None

    def next(self, seen: Seen) -> Optional[Values]:
        """Values of the next trial; None when the grid is at its end."""
        if self._grid is not None:
            return next(self._grid, None)
        if self._kind != "bayesian" or len(seen) < _AT_RANDOM:
            return draw_all(self._space, self._source)
        return {name: self._estimated(name, seen) for name in self._space}

    def _estimated(self, name: str, seen: Seen) -> Any:
        """Of candidates near good trials, the one that is rarest among the others (Parzen estimators)."""
        distribution = self._space[name]
        ordered = sorted(seen, key=lambda one: one[1])
        count = max(2, math.ceil(len(ordered) * _GOOD_SHARE))
        good = [values[name] for values, _ in ordered[:count]]
        others = [values[name] for values, _ in ordered[count:]] or good
        if distribution[0] == "choice":
            return self._estimated_choice(distribution[1][0], good, others)
        low, high = float(distribution[1][0]), float(distribution[1][1])
        step = float(distribution[1][2]) if distribution[0] == "quniform" else 0.0
        width = (high - low) / max(2.0, math.sqrt(len(seen))) or 1.0
        best, best_score = draw(distribution, self._source), -math.inf
        for _ in range(_CANDIDATES):
            near = self._source.gauss(self._source.choice(good), width)
            candidate = min(high, max(low, near))
            if step:
                candidate = round(candidate / step) * step
            score = math.log(_density(candidate, good, width) / _density(candidate, others, width))
            if score > best_score:
                best, best_score = candidate, score
        return best

    def _estimated_choice(self, options: Sequence[Any], good: List[Any], others: List[Any]) -> Any:
        weights: Dict[int, float] = {}
        for place, option in enumerate(options):
            share = (good.count(option) + 1) / (len(good) + len(options))
            weights[place] = share / ((others.count(option) + 1) / (len(others) + len(options)))
        return options[self._source.choices(list(weights), list(weights.values()))[0]]


def _density(value: float, centers: List[Any], width: float) -> float:
    total = sum(math.exp(-0.5 * ((value - float(center)) / width) ** 2) for center in centers)
    return total / len(centers) + 1e-12
