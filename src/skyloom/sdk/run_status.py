"""States of ours in the old words: one id has two vocabularies. Source: sdk.md 10, 13; 21, trap 1."""

from __future__ import annotations

from skyloom.core.state import State

RUN_WORDS = {
    State.CREATED: "NotStarted",
    State.QUEUED: "Queued",
    State.PREPARING: "Preparing",
    State.RUNNING: "Running",
    State.FINALIZING: "Finalizing",
    State.COMPLETED: "Completed",
    State.FAILED: "Failed",
    State.CANCELED: "Canceled",
    State.SKIPPED: "Canceled",
}
PIPELINE_WORDS = {
    **dict.fromkeys((State.CREATED, State.QUEUED), "NotStarted"),
    **dict.fromkeys((State.PREPARING, State.RUNNING, State.FINALIZING), "Running"),
    State.COMPLETED: "Finished",
    State.FAILED: "Failed",
    State.CANCELED: "Canceled",
    State.SKIPPED: "Canceled",
}
STEP_WORDS = {
    State.CREATED: "NotStarted",
    **dict.fromkeys((State.QUEUED, State.PREPARING), "Queued"),
    **dict.fromkeys((State.RUNNING, State.FINALIZING), "Running"),
    State.COMPLETED: "Finished",
    State.FAILED: "Failed",
    State.CANCELED: "Canceled",
    State.SKIPPED: "Bypassed",
}
