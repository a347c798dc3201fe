"""Types of R in the words of datasets, and the other way round, with the real R (studio.md 6 and 1.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tests.rscript import needs_r
from tests.runner.conftest import Ran

pytestmark = needs_r
RunR = Callable[..., Ran]


def everything() -> pd.DataFrame:
    """One column of each type, each with a missing value where the type has one."""
    moments = pd.to_datetime(["2024-02-29 12:30:00.123456", "NaT", "1900-01-01"], format="ISO8601")
    return pd.DataFrame(
        {
            "integer": [1, -2, 2**31 - 1],
            "long": [2**40, 0, -(2**53)],
            "double": [0.1, np.nan, -np.inf],
            "flag": [True, False, True],
            "maybe": pd.Series([True, np.nan, False], dtype=object),
            "text": pd.Series(["Grüße, 世界", None, "NA"], dtype="str"),
            "factor": pd.Categorical(["b", None, "a"], categories=["b", "a", "unused"]),
            "ordered": pd.Categorical(["low", "high", "low"], categories=["low", "high"], ordered=True),
            "numbers": pd.Categorical([30, 10, 30]),
            "moment": moments,
            "local": moments.tz_localize("UTC").tz_convert("Europe/Berlin"),
            "span": pd.to_timedelta(["1 days 00:00:00.5", None, "-3 h"]),
            "bytes": pd.Series([b"\0\1", None, b""], dtype=object),
            ' odd "name" with blanks ': [1.0, 2.0, 3.0],
            "": [1, 2, 3],
        }
    )


def test_the_same_frame_through_r_and_back_is_equal_types_included(run_r: RunR) -> None:
    frame = everything()
    ran = run_r("azureml_main <- function(dataframe1, dataframe2) dataframe1", frame)
    assert_frame_equal(ran.frame(), frame)


def test_it_is_equal_through_the_classic_ports_too(run_r: RunR) -> None:
    frame = everything()
    ran = run_r('x <- maml.mapInputPort(1)\nmaml.mapOutputPort("x")', frame)
    assert_frame_equal(ran.frame(), frame)


def test_columns_that_are_handed_through_are_not_stored_again(run_r: RunR) -> None:
    ran = run_r("azureml_main <- function(dataframe1, dataframe2) cbind(dataframe1, new = 7:9)", everything())
    segments = {
        item["name"]: item["segment"] for item in ran.answer["outputs"]["Result Dataset"]["footer"]["columns"]
    }
    assert [name for name, segment in segments.items() if "file" not in segment] == ["new"]


def test_r_sees_the_types_it_has_words_for(run_r: RunR) -> None:
    ran = run_r(
        """
        azureml_main <- function(dataframe1, dataframe2) {
            data.frame(
                name = names(dataframe1),
                class = sapply(dataframe1, function(column) paste(class(column), collapse = "/")),
                missing = sapply(dataframe1, function(column) sum(is.na(column)))
            )
        }
        """,
        everything().drop(columns="bytes"),
    )
    told = ran.frame()
    assert dict(zip(told["name"], told["class"])) == {
        "integer": "integer",
        "long": "numeric",
        "double": "numeric",
        "flag": "logical",
        "maybe": "logical",
        "text": "character",
        "factor": "factor",
        "ordered": "ordered/factor",
        "numbers": "factor",
        "moment": "POSIXct/POSIXt",
        "local": "POSIXct/POSIXt",
        "span": "difftime",
        ' odd "name" with blanks ': "numeric",
        "": "integer",
    }
    assert dict(zip(told["name"], told["missing"])) == {
        name: int(name in ("double", "maybe", "text", "factor", "moment", "local", "span"))
        for name in told["name"]
    }


def test_a_missing_number_is_na_and_no_nan(run_r: RunR) -> None:
    ran = run_r(
        "azureml_main <- function(d, e) data.frame(na = is.na(d$x) & !is.nan(d$x), text = format(d$x))",
        pd.DataFrame({"x": [np.nan, 1.5]}),
    )
    assert ran.frame()["na"].tolist() == [True, False]
    assert ran.frame()["text"].str.strip().tolist() == ["NA", "1.5"]


def test_times_have_the_wall_clock_they_had(run_r: RunR) -> None:
    ran = run_r(
        """
        azureml_main <- function(d, e) data.frame(
            moment = format(d$moment[1], "%Y-%m-%d %H:%M:%OS3"), local = format(d$local[1], "%H:%M %Z")
        )
        """,
        everything(),
    )
    assert ran.frame().iloc[0].tolist() == ["2024-02-29 12:30:00.123", "13:30 CET"]


def test_levels_keep_their_order(run_r: RunR) -> None:
    ran = run_r(
        "azureml_main <- function(d, e) data.frame(f = levels(d$factor), n = length(levels(d$ordered)))",
        everything(),
    )
    assert ran.frame()["f"].tolist() == ["b", "a", "unused"]


def columns_of(run_r: RunR, columns: str, *frames: Any) -> pd.DataFrame:
    ran = run_r(f"azureml_main <- function(d, e) {{ {columns} }}", *frames)
    return ran.frame()


def test_what_r_makes_gets_the_types_of_datasets(run_r: RunR) -> None:
    frame = columns_of(
        run_r,
        """
        x <- data.frame(
            integer = c(1L, 2L), missing = c(NA, 2L), double = c(NA, 0.5), none = NA,
            logical = c(NA, FALSE), text = c("ä", NA), day = as.Date(c("2024-02-29", NA)),
            moment = as.POSIXct(c("2024-02-29 10:00:00.25", NA)),
            berlin = as.POSIXct(c("2024-07-01 10:00:00", NA), tz = "Europe/Berlin"),
            span = as.difftime(c(1.5, NA), units = "hours")
        )
        x$factor <- factor(c("b", NA), levels = c("b", "a"))
        x$ordered <- factor(c("lo", "hi"), levels = c("lo", "hi"), ordered = TRUE)
        x$lt <- as.POSIXlt("2024-01-01 00:00:01", tz = "")
        x$bytes <- list(as.raw(1:3), NULL)
        x$raw <- as.raw(c(7, 255))
        x
        """,
    )
    naive = pd.Series(pd.to_datetime(["2024-02-29 10:00:00.25", "NaT"])).astype("M8[us]")
    expected = pd.DataFrame(
        {
            "integer": [1, 2],
            "missing": [np.nan, 2.0],
            "double": [np.nan, 0.5],
            "none": pd.Series([np.nan, np.nan], dtype=object),
            "logical": pd.Series([np.nan, False], dtype=object),
            "text": pd.Series(["ä", None], dtype="str"),
            "day": pd.Series(pd.to_datetime(["2024-02-29", "NaT"])).astype("M8[s]"),
            "moment": naive,
            "berlin": pd.Series(pd.to_datetime(["2024-07-01 08:00", "NaT"])).astype("M8[us]")
            .dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"),
            "span": pd.Series(pd.to_timedelta(["90 min", "NaT"])).astype("m8[us]"),
            "factor": pd.Categorical(["b", None], categories=["b", "a"]),
            "ordered": pd.Categorical(["lo", "hi"], categories=["lo", "hi"], ordered=True),
            "lt": pd.Series(pd.to_datetime(["2024-01-01 00:00:01"] * 2)).astype("M8[us]"),
            "bytes": pd.Series([b"\1\2\3", None], dtype=object),
            "raw": [7, 255],
        }
    )  # fmt: skip
    assert_frame_equal(frame, expected)


def test_numbers_beyond_32_bits_stay_whole_after_a_change(run_r: RunR) -> None:
    frame = columns_of(run_r, "d[d$id > 5, , drop = FALSE]", pd.DataFrame({"id": [2**40, 1, 2**41]}))
    assert_frame_equal(frame, pd.DataFrame({"id": [2**40, 2**41]}))


def test_integer64_of_package_bit64_is_integer(run_r: RunR) -> None:
    made = "x <- data.frame(big = c(0, 0)); x$big <- structure(c(5e-324, 1e-323), class = 'integer64'); x"
    assert columns_of(run_r, made)["big"].tolist() == [1, 2]


def test_row_names_are_dropped(run_r: RunR) -> None:
    frame = columns_of(run_r, "data.frame(x = 1:2, row.names = c('one', 'two'))")
    assert_frame_equal(frame, pd.DataFrame({"x": [1, 2]}))


def test_names_that_repeat_are_renamed_as_those_of_python_are(run_r: RunR) -> None:
    frame = columns_of(run_r, "setNames(data.frame(1, 2, 3), c('a', 'a', 'a(2)'))")
    assert list(frame.columns) == ["a", "a(3)", "a(2)"]


def test_matrices_and_frames_inside_a_column_become_columns(run_r: RunR) -> None:
    frame = columns_of(
        run_r,
        """
        x <- data.frame(g = c("p", "q"))
        x$scaled <- scale(c(1, 3))
        x$pair <- cbind(low = 1:2, high = 3:4)
        x$plain <- matrix(1:4, 2)
        x$inner <- data.frame(y = 5:6)
        x
        """,
    )
    assert list(frame.columns) == [
        "g", "scaled", "pair.low", "pair.high", "plain.1", "plain.2", "inner.y",
    ]  # fmt: skip
    assert frame["scaled"].round(3).tolist() == [-0.707, 0.707]


def test_a_level_that_is_na_is_a_missing_value(run_r: RunR) -> None:
    frame = columns_of(run_r, "data.frame(f = addNA(factor(c('b', NA, 'a'))))")
    assert frame["f"].isna().tolist() == [False, True, False]
    assert list(frame["f"].cat.categories) == ["a", "b"]


@pytest.mark.parametrize("rows", [0, 2])
def test_frames_without_rows_or_columns_pass(run_r: RunR, rows: int) -> None:
    empty = everything().iloc[:0] if rows == 0 else pd.DataFrame(index=pd.RangeIndex(rows))
    ran = run_r(
        "azureml_main <- function(d, e) { stopifnot(nrow(d) == ROWS); d }".replace("ROWS", str(rows)), empty
    )
    assert_frame_equal(ran.frame(), empty.reset_index(drop=True), check_column_type=False)


@pytest.mark.parametrize("made", ["1i", "I(list(1, 'a'))"])
def test_a_column_without_a_type_in_datasets_is_0085(run_r: RunR, made: str) -> None:
    ran = run_r(f"azureml_main <- function() {{ x <- data.frame(ok = 1:2); x$odd <- {made}; x }}")
    assert ran.problem.code == "S207"
    assert "'odd'" in ran.problem.message


def test_text_that_is_not_utf_8_is_repaired_with_a_notice(run_r: RunR) -> None:
    ran = run_r(
        r"""
        azureml_main <- function() {
            x <- c("fine", "\xff\xfe")
            Encoding(x) <- "UTF-8"
            data.frame(x)
        }
        """
    )
    assert ran.frame()["x"].tolist() == ["fine", "\ufffd\ufffd"]
    assert "not UTF-8" in ran.answer["notices"][-1]


def test_latin_1_is_converted(run_r: RunR) -> None:
    ran = run_r(r"azureml_main <- function() { x <- '\xe4'; Encoding(x) <- 'latin1'; data.frame(x = x) }")
    assert ran.frame()["x"].tolist() == ["ä"]


def test_times_beyond_what_datasets_hold_are_missing_with_a_notice(run_r: RunR) -> None:
    ran = run_r(
        'azureml_main <- function() data.frame(x = as.POSIXct(c(1e300, Inf, 0), origin = "1970-01-01"))'
    )
    assert ran.frame()["x"].isna().tolist() == [True, True, False]
    assert "beyond what a dataset can hold" in ran.answer["notices"][-1]


def test_a_wide_table_passes(run_r: RunR) -> None:
    wide = pd.DataFrame(np.arange(6000).reshape(2, 3000), columns=[f"c{place}" for place in range(3000)])
    assert_frame_equal(
        run_r("azureml_main <- function(d, e) d[2:1, ]", wide).frame(), wide.iloc[::-1].reset_index(drop=True)
    )
