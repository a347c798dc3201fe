from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.core.problem import ProblemError
from skyloom.runner.message import Output
from skyloom.runner.result import NOTHING, NoResult, sort_result

ONE = (Output("Result Dataset", "Dataset", 0),)
TWO = (*ONE, Output("Result Dataset2", "Dataset", 1))
OWN = (*TWO, Output("model", "Object", 2), Output("plot", "File", 3), Output("more", "Dataset", 4))
FRAME = pd.DataFrame({"a": [1, 2]})
OTHER = pd.DataFrame({"b": [3]})


def refused(value: Any, outputs: tuple[Output, ...] = TWO) -> str:
    with pytest.raises(NoResult) as caught:
        sort_result(value, outputs)
    return str(caught.value)


def object_array(*items: Any) -> Any:
    array = np.empty(len(items), object)
    for place, item in enumerate(items):
        array[place] = item
    return array


@pytest.mark.parametrize(
    "value", [FRAME, (FRAME,), [FRAME], object_array(FRAME), (FRAME, None), [FRAME, None]]
)
def test_a_frame_alone_or_first_in_a_sequence_fills_port_1(value: Any) -> None:
    first, second = sort_result(value, TWO)
    assert first is FRAME
    assert second.empty


@pytest.mark.parametrize(
    "value", [(FRAME, OTHER), [FRAME, OTHER], object_array(FRAME, OTHER), (FRAME, OTHER, 5)]
)
def test_the_second_element_fills_port_2_and_further_ones_are_ignored(value: Any) -> None:
    assert sort_result(value, TWO)[1] is OTHER


def test_elements_behind_the_ports_are_not_looked_at() -> None:
    assert sort_result((FRAME, object()), ONE) == (FRAME,)


def test_none_first_leaves_port_1_empty_when_port_2_has_a_frame() -> None:
    first, second = sort_result((None, OTHER), TWO)
    assert first.shape == (0, 0) and second is OTHER


@pytest.mark.parametrize("value", [(None,), (None, None), [None], object_array(None)])
def test_a_sequence_without_any_frame_is_refused(value: Any) -> None:
    assert "without any frame" in refused(value)


def test_a_frame_for_a_port_that_is_not_there_does_not_count() -> None:
    assert "without any frame" in refused((None, OTHER), ONE)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "None"),
        (42, "the int 42"),
        (2.5, "the float 2.5"),
        (True, "the bool True"),
        ("text", "a value of type str"),
        (object(), "a value of type object"),
        ((), "an empty tuple"),
        ([], "an empty list"),
        (np.array([]), "an empty array"),
        ((42,), "the int 42"),
        ((row for row in [FRAME]), "a generator"),
        (iter([FRAME]), "list_iterator"),
        ({1, 2}, "set"),
        ([[1, 2], [3, 4]], "a list holding a list"),
        ([{"a": 1}], "a list holding a dict"),
    ],
)
def test_anything_else_is_refused_by_what_it_is(value: Any, what: str) -> None:
    message = refused(value)
    assert "azureml_main returned" in message and what in message and "DataFrame" in message


def test_an_endless_generator_is_not_drained() -> None:
    def endless() -> Any:
        while True:
            yield FRAME

    assert "use return instead of yield" in refused(endless())


class Lying(list[Any]):
    def __len__(self) -> int:
        return 1 << 40

    def __iter__(self) -> Any:
        while True:
            yield self

    def __getitem__(self, key: Any) -> Any:
        return self


def test_a_lying_list_is_read_by_its_true_elements() -> None:
    assert "an empty list" in refused(Lying())
    assert sort_result(Lying([FRAME]), ONE)[0] is FRAME


class Pretender:
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return tuple


def test_a_value_that_pretends_to_be_a_tuple_is_not_one() -> None:
    assert "Pretender" in refused(Pretender())


@pytest.mark.parametrize(
    ("value", "columns", "rows"),
    [
        ({"x": [1, 2], "y": ["a", "b"]}, ["x", "y"], 2),
        (pd.Series([1, 2], name="s"), ["s"], 2),
        (pd.Series([1, 2]), ["column"], 2),
        (np.arange(3), ["column"], 3),
        (np.arange(3).reshape(3, 1), ["column"], 3),
        (np.arange(6).reshape(3, 2), ["column_0", "column_1"], 3),
        ([1, "a", None], ["column"], 3),
        (({"x": [1]},), ["x"], 1),
        ((np.arange(4),), ["column"], 4),
        (([1, 2],), ["column"], 2),
        (np.array([FRAME]), ["column"], 2),
        (object_array("a", "b"), ["column"], 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_designers_conversions(value: Any, columns: list[str], rows: int) -> None:
    frame = sort_result(value, ONE)[0]
    assert frame.columns.tolist() == columns and len(frame) == rows


def test_a_dict_that_pandas_refuses_is_explained() -> None:
    assert "you must pass an index" in refused({"a": 1})


def test_a_dict_of_frames_under_port_names_is_sorted_by_name() -> None:
    assert sort_result({"Result Dataset2": OTHER, "Result Dataset": FRAME}, TWO) == (FRAME, OTHER)


def test_own_outputs_are_returned_by_name() -> None:
    model = object()
    made = sort_result({"Result Dataset": FRAME, "model": model, "plot": b"png", "more": {"x": [1]}}, OWN)
    assert made[0] is FRAME and made[1].empty and made[2] is model and made[3] == b"png"
    assert made[4]["x"].tolist() == [1]


def test_own_outputs_need_a_dict() -> None:
    message = refused((FRAME,), OWN)
    assert "keyed by port name" in message and "'model': ..." in message


def test_all_wrong_keys_are_named_at_once() -> None:
    message = refused({"Result Dataset": FRAME, "a_model": 1}, OWN)
    assert "'a_model'" in message
    assert "nothing was returned for 'model', 'plot', 'more'" in message


def test_no_result_is_a_problem() -> None:
    assert issubclass(NoResult, ProblemError)


VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.just(FRAME) | st.just(np.arange(4)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_any_value_gives_frames_for_all_ports_or_a_worded_refusal(value: Any) -> None:
    try:
        made = sort_result(value, TWO)
    except NoResult as error:
        assert error.problem.code in ("S010", "S011") and error.problem.message
    else:
        assert len(made) == 2 and all(isinstance(frame, pd.DataFrame) for frame in made)


def test_an_optional_port_is_left_out_when_nothing_was_returned_for_it() -> None:
    ports = (TWO[0], replace(TWO[1], is_optional=True))
    assert sort_result(FRAME, ports)[1] is NOTHING
    assert sort_result((FRAME, OTHER), ports)[1] is OTHER
