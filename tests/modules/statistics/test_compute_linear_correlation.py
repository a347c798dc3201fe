from __future__ import annotations

import numpy as np
import pandas as pd

from tests.modules.running import code_of, frame, run

NAME = "Compute Linear Correlation"


def test_correlations_are_those_of_pandas_in_the_order_of_the_columns() -> None:
    table = pd.DataFrame(np.random.RandomState(1).normal(size=(30, 3)), columns=["c", "a", "b"])
    table.loc[3, "a"] = np.nan
    made = frame(run(NAME, table)[0])
    assert list(made) == ["c", "a", "b"]
    np.testing.assert_allclose(made.to_numpy(), table.corr().to_numpy())


def test_columns_that_are_no_numbers_or_do_not_vary_are_correlated_with_nothing() -> None:
    made = frame(run(NAME, pd.DataFrame({"a": [1, 2, 3], "t": ["x", "y", "z"], "k": [5, 5, 5]}))[0])
    assert made.isna().to_numpy().tolist() == [[False, True, True], [True] * 3, [True] * 3]


def test_infinite_numbers_are_left_out_of_their_pairs() -> None:
    made = frame(run(NAME, pd.DataFrame({"a": [1, 2, np.inf, 4], "b": [2, 4, 0, 8]}))[0])
    np.testing.assert_allclose(made.to_numpy(), np.ones((2, 2)))


def test_a_table_without_columns_is_error_20() -> None:
    assert code_of(NAME, pd.DataFrame(index=range(2))) == "M0020"
