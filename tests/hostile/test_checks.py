from __future__ import annotations

import json

import pytest

from skyloom.core.identity import Json
from tests.hostile.case import Check
from tests.hostile.checks import answer_failures, rerun_failures, roundtrip_failures, strict_json_faults
from tests.hostile.evidence import Answer, Columns, Evidence

PROBLEM: dict[str, Json] = {"code": "C005", "message": "It was stopped."}
REPORT: dict[str, Json] = {
    "run": "01",
    "state": "completed",
    "reason": None,
    "isolation": "full",
    "problem": None,
    "outputs": {},
    "images": [],
    "stdout": None,
    "stderr": None,
    "metrics": {},
}
ROWS: Columns = [("probe", ["a", "b"]), ("outcome", ["blocked", "blocked"]), ("detail", ["", ""])]


def evidence(told: dict[str, Json] | None = None, **seen: object) -> Evidence:
    report = {**REPORT, **(told or {})}
    answer = Answer(0, json.dumps(report).encode(), b"", report)
    return Evidence(answer, **{"wall_s": 1.0, "result": ROWS, **seen})  # type: ignore[arg-type]


def failures(seen: Evidence, level: str = "full", **check: object) -> list[str]:
    return answer_failures(Check(**{"status": ("completed",), **check}), seen, level)  # type: ignore[arg-type]


def test_a_run_that_is_as_expected_has_no_failures() -> None:
    assert failures(evidence(), probe="blocked", wall_max_s=2, unique_columns=True, no_metrics=True) == []


def test_another_state_is_a_failure_that_tells_the_message() -> None:
    found = failures(evidence({"state": "failed", "reason": "timeout", "problem": PROBLEM}))
    assert found == ["status failed (timeout), wanted completed: It was stopped."]


def test_a_refusal_before_the_run_counts_as_rejected() -> None:
    seen = evidence({"state": "failed", "reason": "rejected", "problem": PROBLEM, "run": None})
    assert failures(seen, status=("rejected",)) == []
    assert failures(seen, status=("failed",)) != []


def test_another_reason_is_a_failure() -> None:
    seen = evidence({"state": "failed", "reason": "no_result", "problem": PROBLEM})
    assert failures(seen, status=("failed",), reason=("timeout",)) == ["reason no_result, wanted timeout"]


def test_a_failure_must_say_why() -> None:
    seen = evidence({"state": "failed", "reason": "no_result"})
    assert failures(seen, status=("failed",)) == ["it failed without a problem that says why"]


def test_running_at_another_level_is_a_failure() -> None:
    assert failures(evidence({"isolation": "none"})) == ["ran at isolation none, asked for full"]


def test_one_probe_that_got_through_is_named() -> None:
    rows = [("probe", ["a", "b"]), ("outcome", ["blocked", "ALLOWED"]), ("detail", ["", "root:x"])]
    assert failures(evidence(result=rows), probe="blocked") == ["probe 'b': ALLOWED (root:x)"]


def test_probes_without_rows_are_a_failure() -> None:
    assert failures(evidence(result=[("a", [1])]), probe="blocked") != []


def test_completing_without_a_result_is_a_failure() -> None:
    assert failures(evidence(result=None)) == ["it completed without a result"]


def test_a_result_that_does_not_read_is_a_failure() -> None:
    assert failures(evidence(result=None, unreadable="cut off")) == ["the result cannot be read: cut off"]


def test_wall_clock_columns_log_and_previews_have_their_limits() -> None:
    seen = evidence(
        wall_s=9.0, stdout=b"x" * 50, result=[("children", [700])], previews_s={"the run's report": 3.0}
    )
    found = failures(
        seen, wall_max_s=8, column_max={"children": 600}, log_max_bytes=40, log_contains="y", preview_max_s=2
    )
    assert len(found) == 5


def test_dropped_bytes_must_be_told_in_the_log() -> None:
    seen = evidence({"notices": ["12 bytes of stdout were dropped: the log is full."]}, stdout=b"text")
    assert failures(seen, log_nonempty_if_dropped=True) == ["the log does not say what was dropped from it"]


def test_repeated_columns_and_forged_metrics_are_failures() -> None:
    seen = evidence({"metrics": {"forged": 1}}, result=[("a", [1]), ("a", [2])])
    assert len(failures(seen, unique_columns=True, no_metrics=True)) == 2


def test_images_are_counted_and_looked_at() -> None:
    seen = evidence({"images": ["/nowhere/0000-plot.png"]})
    assert len(failures(seen, images_min=2)) == 2
    assert len(failures(seen, images_max=0)) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": "\\ud800"}', b'{"a": "\xff"}', b"{} {}"],
)
def test_json_that_some_readers_refuse_is_a_fault(content: bytes) -> None:
    assert strict_json_faults(content) != []


def test_plain_json_has_no_faults() -> None:
    assert strict_json_faults('{"a": ["\U0001f40d", null, 1.5]}'.encode()) == []


def test_a_round_trip_compares_names_and_values() -> None:
    sent: Columns = [("a", [1.0, float("nan")]), ("b", ["x", None])]
    assert roundtrip_failures(sent, [("a", [1.0, float("nan")]), ("b", ["x", None])]) == []
    assert roundtrip_failures(sent, [("a", [1.0, 2.0]), ("b", ["x", None])]) != []
    assert roundtrip_failures(sent, [("b", ["x", None]), ("a", [1.0, float("nan")])]) != []
    assert roundtrip_failures(sent, None) != []


def test_a_second_run_that_saw_the_first_is_a_failure() -> None:
    assert rerun_failures(evidence()) == []
    seen = evidence(result=[("outcome", ["ALLOWED"]), ("probe", ["memory"])])
    assert rerun_failures(seen) == ["rerun 'memory': ALLOWED ()"]
