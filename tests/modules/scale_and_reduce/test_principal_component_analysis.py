from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from tests.modules.running import as_table, code_of, frame, run

NAME = "Principal Component Analysis"
RANDOM = np.random.RandomState(8)
TABLE = pd.DataFrame(RANDOM.normal(size=(40, 4)) @ RANDOM.normal(size=(4, 4)) + 3, columns=list("abcd"))


def _reduce(table: Any, columns: Any = "all", **values: Any) -> tuple[Any, Any]:
    given = {name.replace("_", " "): value for name, value in values.items()}
    made, transformation = run(NAME, table, {"Selected columns": columns, **given})
    return made, pickle.loads(pickle.dumps(transformation))


def test_components_are_those_of_scikit_learn_but_for_the_sign() -> None:
    made, transformation = _reduce(TABLE, Number_of_dimensions_to_reduce_to=3)
    wanted = PCA(3).fit(TABLE)
    assert made.names == ("Col1", "Col2", "Col3")
    np.testing.assert_allclose(np.abs(frame(made)), np.abs(wanted.transform(TABLE)))
    later = TABLE[:5] * 2
    applied = frame(transformation.apply(as_table(later)))
    np.testing.assert_allclose(np.abs(applied), np.abs(wanted.transform(later)))


def test_without_centring_axes_go_through_0() -> None:
    made, _ = _reduce(TABLE, Normalize_dense_dataset_to_zero_mean=False)
    values = np.linalg.svd(TABLE.to_numpy(), compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(frame(made), axis=0), values[:2])


def test_other_columns_stay_on_the_left() -> None:
    made, _ = _reduce(TABLE.assign(label="x"), ["a", "c"], Number_of_dimensions_to_reduce_to=1)
    assert made.names == ("b", "d", "label", "Col1")


def test_too_many_dimensions_are_error_81() -> None:
    values = {"Selected columns": "all", "Number of dimensions to reduce to": 5}
    assert code_of(NAME, TABLE, values) == "M0081"
    assert code_of(NAME, TABLE[:1], {"Selected columns": "all"}) == "M0081"


def test_missing_and_infinite_numbers_are_error_39() -> None:
    for bad in (np.nan, np.inf):
        table = TABLE.copy()
        table.loc[0, "a"] = bad
        assert code_of(NAME, table, {"Selected columns": "all"}) == "M0039"
