from __future__ import annotations

from collections import OrderedDict, deque

import numpy
import pandas
import pytest

from skyloom.runner.value_text import MOST_TEXT, is_secret, value_text, without_secrets


def test_containers_show_their_beginning_and_their_size() -> None:
    assert value_text(list(range(1000))) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 1000 in all]"
    assert value_text((1,)) == "(1,)"
    assert value_text({"a": [1, {"b": (2, [3])}]}) == "{'a': [1, {'b': <tuple of 2>}]}"
    assert value_text(OrderedDict(a=1)) == "{'a': 1}"
    assert value_text(deque([1, 2])) == "deque(1, 2)"


def test_what_contains_itself_comes_to_an_end() -> None:
    loop: list[object] = [1]
    loop.append(loop)
    assert value_text(loop) == "[1, <contains itself>]"
    table: dict[str, object] = {}
    table["self"] = table
    assert value_text(table) == "{'self': <contains itself>}"


def test_texts_and_numbers_are_cut() -> None:
    assert len(value_text("x" * 10**6)) < MOST_TEXT + 100
    assert value_text("x" * 10**6).endswith("(1000000 in all)")
    assert value_text(10**5000).startswith("<a whole number of ")
    assert value_text(b"\x00") == r"b'\x00'"


def test_frames_and_arrays_show_their_shape_and_first_rows() -> None:
    frame = pandas.DataFrame({"x": range(1000), "name": ["a"] * 1000})
    shown = value_text(frame)
    assert shown.startswith("DataFrame of 1000 rows and 2 columns (x: int64, name: ")
    assert len(shown.splitlines()) == 7
    assert value_text(frame["x"]) == "Series of 1000, int64, name 'x': 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …"
    assert value_text(pandas.DataFrame()).startswith("DataFrame of 0 rows and 0 columns")
    zeros = numpy.zeros((100, 100))
    assert value_text(zeros).startswith("array of shape (100, 100), float64: 0.0, 0.0,")
    assert value_text(numpy.array([1, 2])) == "array of shape (2,), int64: 1, 2"


@pytest.mark.parametrize(
    "name", ["password", "db_password", "API_KEY", "apiKey", "access_token", "SECRET", "sas", "Passwd"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["monkey", "keyboard", "tokenizer", "frame", "author", "pass_count"])
def test_other_names_are_not(name: str) -> None:
    assert not is_secret(name)


def test_secrets_inside_of_values_are_hidden() -> None:
    assert value_text({"password": "hunter2", "user": "a"}) == "{'password': ***, 'user': 'a'}"
    frame = pandas.DataFrame({"token": ["hunter2"], "key": ["plain"]})
    assert "hunter2" not in value_text(frame) and "plain" in value_text(frame)
    assert "hunter2" not in value_text(frame["token"])
    assert value_text("postgresql://me:hunter2@host/db") == "'postgresql://me:***@host/db'"
    assert (
        without_secrets("Config(user='a', password='hunter2', n=1)") == "Config(user='a', password=***, n=1)"
    )
    assert "hunter2" not in value_text("AccountName=x;AccountKey=hunter2;EndpointSuffix=y")
