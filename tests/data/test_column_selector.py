from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.problem import ProblemError
from skyloom.data.column_selector import parse_selector, select_columns
from skyloom.data.column_type import ColumnAttributes

KEYS = ["rules", "isFilter", "ruleType", "columns", "columnTypes", "exclude", "ColumnNames"]
SCHEMA = (
    ColumnAttributes("age", "Integer"),
    ColumnAttributes("income", "Double"),
    ColumnAttributes("name", "String"),
    ColumnAttributes("kind", "Categorical", underlying="String"),
    ColumnAttributes("when", "DateTime", unit="ns"),
    ColumnAttributes("ok", "Boolean").as_label(),
    ColumnAttributes("Scored Probabilities", "Double").as_score("Calibrated Score"),
)


def _pick(value: Any, **options: Any) -> list[str]:
    return list(select_columns(parse_selector(value), SCHEMA, **options))


def _rule(kind: str, exclude: bool = False, **words: Any) -> Any:
    return {"ruleType": kind, "exclude": exclude, **words}


def _filter(*rules: Any) -> Any:
    return {"isFilter": True, "rules": list(rules)}


def _by_name(rule: Any) -> Any:
    return {"isFilter": False, "rules": [rule]}


NAMES = _rule("ColumnNames", columns=["name", "age"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (_by_name(NAMES), ["name", "age"]),
        (_filter(NAMES), ["age", "name"]),
        (_by_name(_rule("ColumnIndexes", columns=["3", "1-2"])), ["name", "age", "income"]),
        (_filter(_rule("ColumnIndexes", columns=["3", "1-2"])), ["age", "income", "name"]),
        (_filter(_rule("ColumnTypes", columnTypes=["Numeric"])), ["age", "income", "Scored Probabilities"]),
        (_filter(_rule("ColumnTypes", columnTypes=["Integer", "Boolean"])), ["age", "ok"]),
        (_filter(_rule("ColumnTypes", columnTypes=["String"])), ["name", "kind"]),
        (_filter(_rule("ColumnTypes", columnTypes=["Categorical"])), ["kind"]),
        (_filter(_rule("ColumnTypes", columnTypes=["AllTypes"], columnKinds=["Label", "Score"])),
         ["ok", "Scored Probabilities"]),
        (_filter(_rule("ColumnTypes", columnTypes=["Numeric"], columnKinds=["Feature"])), ["age", "income"]),
        (_filter(_rule("AllColumns"), _rule("ColumnNames", True, columns=["age", "ok"])),
         ["income", "name", "kind", "when", "Scored Probabilities"]),
        (_filter(_rule("ColumnNames", columns=["when"]), _rule("ColumnNames", columns=["age"])),
         ["age", "when"]),
        (["when", "age"], ["when", "age"]),
        ("income", ["income"]),
        ("all", [column.name for column in SCHEMA]),
        ("AllColumns", [column.name for column in SCHEMA]),
        ('"AllColumns"', [column.name for column in SCHEMA]),
        ({"ColumnNames": ["name", "age"]}, ["name", "age"]),
        ({"ColumnNames": ["name", "age"], "KeepInputDataOrder": True}, ["age", "name"]),
        ({"ColumnNames": ["name", "age"], "exclude": True},
         ["income", "kind", "when", "ok", "Scored Probabilities"]),
        ({"ColumnIndices": [2, "1"]}, ["income", "age"]),
        ({"ColumnTypes": ["DateTime"]}, ["when"]),
        ({"ColumnKinds": ["Label"]}, ["ok"]),
        (["AllColumns", {"ColumnTypes": ["Numeric"], "exclude": True}], ["name", "kind", "when", "ok"]),
    ],
    ids=lambda value: json.dumps(value)[:60],
)  # fmt: skip
def test_every_written_form_picks_its_columns(value: Any, expected: list[str]) -> None:
    assert _pick(value) == expected


@pytest.mark.parametrize(
    "value", [_by_name(NAMES), {"ColumnNames": ["name"]}, ["AllColumns", {"ColumnNames": ["age"]}]]
)
def test_text_plain_and_encoded_means_the_same(value: Any) -> None:
    plain = json.dumps(value)
    assert parse_selector(plain) == parse_selector(quote(plain)) == parse_selector(value)


def test_the_member_for_the_page_is_ignored() -> None:
    assert _pick({**_by_name(NAMES), "ui": {"withRules": True}}) == ["name", "age"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (["agee"], "D010"),
        (_filter(_rule("ColumnNames", columns=["nobody"])), "D010"),
        (_by_name(_rule("ColumnIndexes", columns=["8"])), "D010"),
        (_filter(_rule("ColumnTypes", columnTypes=["TimeSpan"])), "D011"),
        (_by_name(_rule("ColumnNames", columns=["age", "age"])), "D013"),
        (_by_name(_rule("ColumnIndexes", columns=["two"])), "D014"),
        (_by_name(_rule("ColumnIndexes", columns=["-1"])), "D014"),
        (_by_name(_rule("ColumnIndexes", columns=["3-2"])), "D015"),
        (_by_name(_rule("ColumnIndexes", columns=["0"])), "D015"),
        ("{not json", "D016"),
        (5, "D016"),
        ({"rules": []}, "D016"),
        (_filter(_rule("ColumnNames", True, columns=["age"])), "D016"),
        ({"isFilter": False, "rules": [NAMES, NAMES]}, "D016"),
        (_filter(_rule("ColumnShapes")), "D016"),
        (_filter(_rule("ColumnTypes", columnTypes=["Tensor"])), "D016"),
        ({"ColumnNames": ["a"], "ColumnTypes": ["Numeric"]}, "D016"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_every_mistake_has_its_code(value: Any, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        _pick(value)
    assert caught.value.problem.code == code and caught.value.problem.fix


def test_all_unknown_names_are_reported_with_suggestions() -> None:
    with pytest.raises(ProblemError) as caught:
        _pick(["agee", "incom", "name"])
    assert [problem.where for problem in caught.value.problems] == ["agee", "incom"]
    assert "'age'" in caught.value.problems[0].fix


def test_too_few_and_too_many_are_told_apart() -> None:
    with pytest.raises(ProblemError, match="D012"):
        _pick(["age"], minimum=2)
    with pytest.raises(ProblemError, match="D017"):
        _pick(["age", "name"], maximum=1)
    assert _pick(_filter(_rule("ColumnTypes", columnTypes=["TimeSpan"])), minimum=0) == []


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(KEYS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=10,
))  # fmt: skip
def test_any_value_is_a_selector_or_a_problem(value: Any) -> None:
    try:
        _pick(value)
    except ProblemError as error:
        assert error.problem.code in ("D010", "D011", "D013", "D014", "D015", "D016")
