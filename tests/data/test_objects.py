from __future__ import annotations

import pickle
from typing import Any

import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.objects import dump_object, load_object


@pytest.mark.parametrize("value", [None, {"k": {1, 2}}, b"bytes", 1 + 2j, [float("inf")]])
def test_objects_come_back(value: Any) -> None:
    assert load_object(dump_object(value, "here"), "here") == value


def test_functions_of_a_script_are_stored_by_value_where_cloudpickle_is() -> None:
    pytest.importorskip("cloudpickle")
    assert load_object(dump_object(lambda x: x + 1, "here"), "here")(1) == 2


def test_what_cannot_be_pickled_names_its_place_and_type() -> None:
    with pytest.raises(ProblemError) as caught:
        dump_object((i for i in range(3)), "port 'Model'")
    assert caught.value.problem.where == "port 'Model'" and "generator" in caught.value.problem.message


def test_a_reduce_that_fails_is_a_problem_too() -> None:
    class Stubborn:
        def __reduce__(self) -> str:
            raise RuntimeError("never")

    with pytest.raises(ProblemError, match="never"):
        dump_object(Stubborn(), "here")


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps([1])[:-1], b"cno_such_module\nThing\n."])
def test_a_pickle_that_does_not_load_is_a_problem(content: bytes) -> None:
    with pytest.raises(ProblemError, match="D032"):
        load_object(content, "here")
