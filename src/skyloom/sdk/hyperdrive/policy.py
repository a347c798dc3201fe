"""Early termination policies. Source: sdk.md 12, HyperDrive."""

from __future__ import annotations

from typing import Any

from skyloom.sdk.exceptions import UserErrorException


class EarlyTerminationPolicy:
    """When a trial is not worth going on."""

    name = "none"

    def __init__(self, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        if evaluation_interval < 1 or delay_evaluation < 0:
            raise UserErrorException("evaluation_interval is 1 or more, delay_evaluation 0 or more.")
        self.evaluation_interval = evaluation_interval
        self.delay_evaluation = delay_evaluation

    def rule(self) -> dict[str, Any]:
        """The policy as the driver reads it."""
        return {"name": self.name, **vars(self)}


class BanditPolicy(EarlyTerminationPolicy):
    """Ends what is worse than the best by more than a slack."""

    name = "bandit"

    def __init__(
        self,
        evaluation_interval: int = 1,
        slack_factor: float | None = None,
        slack_amount: float | None = None,
        delay_evaluation: int = 0,
    ) -> None:
        super().__init__(evaluation_interval, delay_evaluation)
        if (slack_factor is None) == (slack_amount is None):
            raise UserErrorException("BanditPolicy takes either slack_factor or slack_amount.")
        if (slack_factor or 0) < 0 or (slack_amount or 0) < 0:
            raise UserErrorException("A slack must be 0 or more.")
        self.slack_factor = slack_factor
        self.slack_amount = slack_amount


class MedianStoppingPolicy(EarlyTerminationPolicy):
    """Ends what is worse than the median of the others' averages."""

    name = "median"


class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """Ends the worst share at each interval."""

    name = "truncation"

    def __init__(
        self,
        truncation_percentage: int,
        evaluation_interval: int = 1,
        delay_evaluation: int = 0,
        exclude_finished_jobs: bool = False,
    ) -> None:
        super().__init__(evaluation_interval, delay_evaluation)
        if not 1 <= truncation_percentage <= 99:
            raise UserErrorException(f"truncation_percentage is from 1 to 99, not {truncation_percentage}.")
        self.truncation_percentage = truncation_percentage
        self.exclude_finished_jobs = exclude_finished_jobs


class NoTerminationPolicy(EarlyTerminationPolicy):
    """Lets every trial come to its end."""

    def __init__(self) -> None:
        super().__init__()
