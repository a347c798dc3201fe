from __future__ import annotations

import pytest

from skyloom.core.problem import ProblemError
from skyloom.core.setting_words import one_of, seconds, whole_number


def test_what_is_not_set_or_empty_is_as_usual() -> None:
    assert whole_number({}, "N", 7) == whole_number({"N": " "}, "N", 7) == 7
    assert seconds({}, "N", 1.5) == seconds({"N": ""}, "N", 1.5) == 1.5
    assert one_of({}, "N", "a", ("a", "b")) == one_of({"N": ""}, "N", "a", ("a", "b")) == "a"


def test_what_is_set_counts() -> None:
    assert whole_number({"N": " 3 "}, "N", 7) == 3
    assert seconds({"N": "0.25"}, "N", 7) == 0.25
    assert one_of({"N": "b"}, "N", "a", ("a", "b")) == "b"


@pytest.mark.parametrize("text", ["1.5", "x", "-1", "1e3"])
def test_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ProblemError, match=r"A028.*\[N\]"):
        whole_number({"N": text}, "N", 7)


@pytest.mark.parametrize("text", ["x", "-1", "inf", "nan"])
def test_no_seconds_are_refused(text: str) -> None:
    with pytest.raises(ProblemError, match=r"A028.*\[N\]"):
        seconds({"N": text}, "N", 7)
