"""Idempotency keys: a submission that is sent twice runs once (reliability.md 3.3, row 13)."""

from __future__ import annotations

from skyloom.core.identity import Digest, RunId, digest_of
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.serialize import to_json

KEY_LIFE_S = 24 * 3600.0


def submission_digest(run: Run) -> Digest:
    """What a key stands for."""
    return digest_of(
        {
            "experiment": run.experiment,
            "graph": run.graph,
            "values": dict(run.values),
            "options": to_json(run.options),
        }
    )


def refuse_other_content(key: str, used_for: RunId, content: Digest, run: Run) -> None:
    """Nothing happens when the submission is the one that the key was used for.

    Raises
    ------
    ProblemError
        R018.
    """
    if content != submission_digest(run):
        raise ProblemError(
            Problem(
                "R018",
                f"The idempotency key '{key}' was used for another submission, run {used_for}.",
                "idempotency_key",
                "Use a new key for a new submission.",
            )
        )
