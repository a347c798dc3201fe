"""Early termination: which trials are not worth going on. Source: sdk.md 12, HyperDrive."""

from __future__ import annotations

import statistics
from typing import Any, List, Mapping, Sequence

Values = Sequence[float]  # what a trial logged for the primary metric, in order; larger is better here


class Policy:
    """Decides after each value that a trial logs; ``rule`` names the policy and holds its numbers."""

    def __init__(self, rule: Mapping[str, Any], maximize: bool) -> None:
        self._rule = rule
        self._sign = 1.0 if maximize else -1.0
        self._interval = max(1, int(rule.get("evaluation_interval") or 1))
        self._delay = int(rule.get("delay_evaluation") or 0)

    def ends(self, trial: Values, others: Sequence[Values], running: Sequence[Values] = ()) -> bool:
        """Whether a trial is to be ended.

        Parameters
        ----------
        trial
            Its values as logged.
        others
            Those of all other trials, ended or not.
        running
            Those of the other trials that run, for policies that leave out what has ended.
        """
        count = len(trial)
        if not count or count % self._interval or count < self._delay:
            return False
        mine = [self._sign * value for value in trial]
        theirs = [[self._sign * value for value in values] for values in others if values]
        name = self._rule.get("name")
        if name == "bandit":
            return self._bandit(mine, theirs)
        if name == "median":
            return self._median(mine, theirs)
        if name == "truncation":
            if self._rule.get("exclude_finished_jobs"):
                theirs = [[self._sign * value for value in values] for values in running if values]
            return self._truncated(mine, theirs)
        return False

    def _bandit(self, mine: List[float], theirs: List[List[float]]) -> bool:
        best = max([max(mine), *(max(values) for values in theirs)])
        if self._rule.get("slack_amount") is not None:
            return max(mine) < best - float(self._rule["slack_amount"])
        slack = float(self._rule.get("slack_factor") or 0.0)
        # a share of the best, on the side where it is worse; values may have either sign
        return max(mine) < best - abs(best) * (1.0 - 1.0 / (1.0 + slack) if self._sign > 0 else slack)

    def _median(self, mine: List[float], theirs: List[List[float]]) -> bool:
        averages = [statistics.fmean(values[: len(mine)]) for values in theirs if len(values) >= len(mine)]
        return bool(averages) and max(mine) < statistics.median(averages)

    def _truncated(self, mine: List[float], theirs: List[List[float]]) -> bool:
        """Among the worst share of all that came as far as this one."""
        there = [values[len(mine) - 1] for values in theirs if len(values) >= len(mine)]
        cut = int((len(there) + 1) * float(self._rule.get("truncation_percentage") or 0) / 100.0)
        return sum(value < mine[-1] for value in there) < cut
