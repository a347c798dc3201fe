"""Tables through old pandas and back: the translation rules hold as they do for today's."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal
from tests.runner.legacy.old_runs import OldServer, run_old
from tests.strategies import frames, times

from skyloom.compute.interpreter import Interpreter
from skyloom.data.from_frame import table_from_frame
from skyloom.data.to_frame import frame_from_table

pytestmark = [pytest.mark.real("environment"), pytest.mark.xdist_group("old pythons")]

PASS_ON = "def azureml_main(table):\n    return table,\n"
# new objects in every column, so that nothing is recognised by being the same memory
REBUILD = """
import pandas as pd
def azureml_main(table):
    columns = [table.iloc[:, place] for place in range(table.shape[1])]
    made = pd.concat([column.copy() for column in columns], axis=1)
    made.columns = [str(place) for place in range(table.shape[1])]
    return made,
"""


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
@given(frame=frames())
def test_stable_types_come_back_as_they_went(server: OldServer, frame: pd.DataFrame) -> None:
    ran = run_old(server, PASS_ON, [frame])
    assert_frame_equal(ran.frame(), through_today(frame), check_column_type=False)


def through_today(frame: pd.DataFrame) -> pd.DataFrame:
    """What today's pandas gives back."""
    back = frame_from_table(table_from_frame(frame), load_objects=True)
    assert isinstance(back, pd.DataFrame)
    return back


def _everything() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Integer": [1, -(2**63), 2**63 - 1],
            "Double": [0.5, np.nan, np.inf],
            "Boolean": [True, False, True],
            "gaps": pd.Series([True, None, False], dtype=object),
            "String": ["plain", None, "é\u20ac\U0001f600"],
            "empty text": ["", "", None],
            "DateTime": times("2020-02-29 12:00:00.000000001", None, "1970-01-01 00:00:00.0").as_unit("ns"),
            "zone": times("2020-07-01", None, "2020-12-01").as_unit("ns").tz_localize("Asia/Kathmandu"),
            "offset": times("2020-07-01", None, "2020-12-01")
            .as_unit("ns")
            .tz_localize(datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))),
            "TimeSpan": pd.to_timedelta([1, None, -5], unit="s").as_unit("ns"),
            "Categorical": pd.Categorical(["b", None, "ä"], categories=["ä", "b"], ordered=True),
            "numbers": pd.Categorical([3, 1, 3]),
            "bytes": pd.Series([b"\x80\x02", b"ascii", None], dtype=object),
            "objects": pd.Series([[1, "a"], {"k": (None, 2.5)}, None], dtype=object),
        }
    )


def test_every_type_is_handed_through_without_storing_it_again(old: Interpreter) -> None:
    ran = run_old(old, PASS_ON, [_everything()])
    assert_frame_equal(ran.frame(), through_today(_everything()))
    assert ran.new_columns() == []


def test_every_type_survives_a_copy_under_another_name(old: Interpreter) -> None:
    frame = _everything()
    ran = run_old(old, REBUILD, [frame])
    expected = through_today(frame).set_axis([str(place) for place in range(frame.shape[1])], axis=1)
    assert_frame_equal(ran.frame(), expected)


def test_old_pandas_sees_the_types_it_knows(old: Interpreter) -> None:
    script = """
def azureml_main(table):
    print(' | '.join(str(kind) for kind in table.dtypes))
    return table,
"""
    ran = run_old(old, script, [_everything()])
    assert ran.stdout.strip() == " | ".join(
        [
            "int64",
            "float64",
            "bool",
            "object",
            "object",
            "object",
            "datetime64[ns]",
            "datetime64[ns, Asia/Kathmandu]",
            "datetime64[ns, pytz.FixedOffset(-210)]",
            "timedelta64[ns]",
            "category",
            "category",
            "object",
            "object",
        ]
    )


def test_times_finer_or_farther_than_old_pandas_can_tell(old: Interpreter) -> None:
    seconds = pd.Series(np.array(["1700-01-01", "NaT", "3000-12-31"], "M8[s]"))
    frame = pd.DataFrame({"far": seconds, "near": pd.Series(np.array(["2020-01-01"] * 3, "M8[ms]"))})
    back = run_old(
        old,
        "def azureml_main(t):\n    t['n'] = [type(v).__name__ for v in t['far']]\n    return t,\n",
        [frame],
    )
    assert list(back.frame()["n"]) == ["datetime", "NoneType", "datetime"]
    assert list(back.frame()["near"]) == [pd.Timestamp("2020-01-01")] * 3


RESULTS: list[tuple[str, list[Any] | None, str]] = [
    ("[True, None]", [True, np.nan], "object"),
    ("[1, True, 3]", [1, 1, 3], "int64"),
    ("[1, 2.5, None]", [1.0, 2.5, np.nan], "float64"),
    ("[1, 'a', 2.5]", ["1", "a", "2.5"], "str"),
    ("[2 ** 70, 1]", [2**70, 1], "object"),
    ("[None, None]", [np.nan, np.nan], "str"),
    ("[float('nan'), float('nan')]", [np.nan, np.nan], "float64"),
    ("[pd.NaT, pd.NaT]", [pd.NaT, pd.NaT], "datetime64[ns]"),
    ("[1 / 3.0, 'x']", ["0.3333333333333333", "x"], "str"),
    ("[datetime.date(2020, 1, 2), None]", [datetime.date(2020, 1, 2), None], "object"),
    ("[decimal.Decimal('1.5'), [1]]", [decimal.Decimal("1.5"), [1]], "object"),
    ("pd.Series([1, 2, 3], dtype='uint8')", [1, 2, 3], "int64"),
    ("pd.Series([1.5], dtype='float32')", [1.5], "float64"),
    ("pd.SparseSeries([1.0, None, 2.0])", [1.0, np.nan, 2.0], "float64"),
    ("pd.period_range('2020', periods=1, freq='M')", ["2020-01"], "str"),
    ("[pd.Timestamp('2020-01-02'), 1]", [datetime.datetime(2020, 1, 2), 1], "object"),
    ("[pd.Timedelta('1s'), 1]", [datetime.timedelta(seconds=1), 1], "object"),
]


@pytest.mark.parametrize(("made", "expected", "dtype"), RESULTS, ids=[made for made, _, _ in RESULTS])
def test_mixed_and_odd_columns_are_ranked_as_today(
    old: Interpreter, made: str, expected: list[Any] | None, dtype: str
) -> None:
    script = f"""
import datetime, decimal, numpy as np, pandas as pd
def azureml_main():
    values = {made}
    return pd.DataFrame({{'a': pd.Series(values, dtype=object) if isinstance(values, list) else values}}),
"""
    column = run_old(old, script).frame()["a"]
    modern = {"str": pd.Series([""]).dtype}.get(dtype, dtype)
    assert column.dtype == modern
    if expected is not None:
        pd.testing.assert_series_equal(
            column, pd.Series(expected, dtype=column.dtype, name="a"), check_dtype=False
        )


def test_names_are_text_and_distinct_and_the_index_is_dropped(old: Interpreter) -> None:
    script = """# coding: utf-8
import pandas as pd
def azureml_main(table):
    print(list(table.columns))
    made = pd.DataFrame([[1, 2, 3, 4, 5]], index=['x'])
    made.columns = ['a', 'a', 'a(2)', 1, u'\\u00e9']
    return made,
"""
    ran = run_old(old, script, [pd.DataFrame({"z": [1], "ü": [2], "a": [3]})])
    assert list(ran.frame().columns) == ["a", "a(3)", "a(2)", "1", "é"]
    assert list(ran.frame().index) == [0]


def test_an_object_that_an_old_python_cannot_open_is_passed_on(python_27: Interpreter) -> None:
    frame = pd.DataFrame({"o": pd.Series([datetime.UTC, [1]], dtype=object)})
    ran = run_old(python_27, PASS_ON, [frame])
    assert list(ran.frame()["o"]) == [datetime.UTC, [1]]
    assert ran.answer["notices"] == [
        "Column 'o' holds objects that Python 2.7 cannot open; they are passed on as they are."
    ]


def test_text_in_python_2_is_str_where_it_is_ascii(python_27: Interpreter) -> None:
    script = """
def azureml_main(table):
    table['kind'] = [type(value).__name__ for value in table['s']]
    table['t'] = [value.translate(None, 'b') if isinstance(value, str) else value for value in table['s']]
    return table,
"""
    back = run_old(python_27, script, [pd.DataFrame({"s": ["abc", "é"]})]).frame()
    assert list(back["kind"]) == ["str", "unicode"]
    assert list(back["t"]) == ["ac", "é"]


def test_str_of_python_2_is_text_where_it_is_utf_8_and_bytes_where_not(python_27: Interpreter) -> None:
    script = """# coding: utf-8
import cPickle, pandas as pd
def azureml_main():
    return pd.DataFrame({
        'text': ['\\xc3\\xa9', u'\\xe9'],
        'pickled': [cPickle.dumps([1], 2), cPickle.dumps({'a': 1}, 2)],
        'mixed': ['\\xff', u'\\xe9'],
    }),
"""
    ran = run_old(python_27, script)
    back = ran.frame()
    assert list(back["text"]) == ["é", "é"]
    assert all(isinstance(value, bytes) for value in back["pickled"])
    assert list(back["mixed"]) == [b"\xff", "é".encode()]
    assert len(ran.answer["notices"]) == 1
    again = """
import cPickle
def azureml_main(table):
    table['n'] = [len(cPickle.loads(value)) for value in table['pickled']]
    return table,
"""
    assert list(run_old(python_27, again, [back]).frame()["n"]) == [1, 1]
