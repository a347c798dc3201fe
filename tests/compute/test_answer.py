from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute.answer import Answer, answer_from
from skyloom.core.task import Reason

GOOD: dict[str, Any] = {
    "problem": None,
    "reason": None,
    "outputs": {"Result Dataset": {"footer": {"rows": 1}}},
    "metrics": [["loss", 0.5], ["loss", None]],
    "files": ["a/b.txt"],
    "notices": ["note"],
    "timings_ms": {"stage": 1, "script": 2.5, "collect": 3},
}

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def test_good_answer_is_taken_whole() -> None:
    answer = answer_from(GOOD, ["Result Dataset"])
    assert answer.footers == {"Result Dataset": {"rows": 1}}
    assert answer.metrics == (("loss", 0.5), ("loss", None))
    assert answer.files == ("a/b.txt",)
    assert answer.timings_ms == {"stage": 1.0, "script": 2.5, "collect": 3.0}


def test_output_that_was_not_asked_for_is_left_out() -> None:
    answer = answer_from({**GOOD, "outputs": {**GOOD["outputs"], "extra": {"size": 3}}}, ["Result Dataset"])
    assert set(answer.footers) == {"Result Dataset"}


def test_success_without_an_output_is_refused() -> None:
    with pytest.raises(ValueError, match=r"outputs\.Other"):
        answer_from(GOOD, ["Other"])


def test_reason_that_is_the_agents_to_give_is_refused() -> None:
    with pytest.raises(ValueError, match="reason"):
        answer_from({**GOOD, "reason": "timeout", "problem": {}}, [])


def test_failure_carries_its_problem() -> None:
    problem = {"code": "S001", "message": "no", "traceback": "line", "where": 7}
    answer = answer_from({**GOOD, "reason": "script_error", "problem": problem}, ["Result Dataset"])
    assert answer.reason is Reason.SCRIPT_ERROR
    assert answer.problem is not None
    assert (answer.problem.code, answer.problem.where) == ("S001", "")


def test_metric_that_is_no_json_number_becomes_text() -> None:
    answer = answer_from(
        {**GOOD, "metrics": [["a", float("nan")], ["b", [float("-inf")]]]}, ["Result Dataset"]
    )
    assert answer.metrics == (("a", "NaN"), ("b", ["-Infinity"]))


@given(json_values)
def test_any_json_is_an_answer_or_is_refused(value: Any) -> None:
    try:
        assert isinstance(answer_from(value, ["Result Dataset"]), Answer)
    except ValueError:
        pass


@given(st.sampled_from(sorted(GOOD)), json_values)
def test_any_field_may_be_anything(name: str, value: Any) -> None:
    try:
        assert isinstance(answer_from({**GOOD, name: value}, ["Result Dataset"]), Answer)
    except ValueError:
        pass
