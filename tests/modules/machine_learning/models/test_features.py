from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from skyloom.modules.machine_learning.models.features import (
    AS_IS,
    GAUSSIAN,
    MIN_MAX,
    FeatureEncoding,
    fit_features,
)
from skyloom.modules.machine_learning.models.plain_cells import number_columns, word_columns
from tests.modules.running import as_table

quick = settings(deadline=None, max_examples=60)
NUMBERS = st.floats(-1e6, 1e6, width=32) | st.just(float("nan"))
WORDS = st.sampled_from(["a", "b", "c d", "Ä", "", None])
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, WORDS, WORDS), min_size=1, max_size=30)


def columns_of(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """As a model reads a stored table."""
    table = as_table(pd.DataFrame(rows, columns=["x", "y", "u", "v"]).astype({"u": "string", "v": "string"}))
    return {**number_columns(table, ["x", "y"]), **word_columns(table, ["u", "v"])}


def encoding_of(columns: dict[str, Any], normalizer: str = MIN_MAX) -> FeatureEncoding:
    return fit_features(columns, ["x", "y"], ["u", "v"], normalizer)


@quick
@given(ROWS, ROWS)
def test_features_are_those_of_scikit_learns_encoders(
    training: list[tuple[Any, ...]], others: list[tuple[Any, ...]]
) -> None:
    seen, new = columns_of(training), columns_of(others)
    found = encoding_of(seen).encode(new).dense()
    plain = pd.DataFrame(training, columns=list("xyuv"))
    asked = pd.DataFrame(others, columns=list("xyuv"))
    parts = []
    for name in "xy":
        if plain[name].notna().any():
            scaler = MinMaxScaler().fit(plain[[name]].to_numpy())
            parts.append(np.nan_to_num(scaler.transform(asked[[name]].to_numpy())))
        else:
            parts.append(np.zeros((len(asked), 1)))
    for name in "uv":
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        encoder.fit(plain[[name]].fillna("#NAN").to_numpy(dtype=object))
        parts.append(encoder.transform(asked[[name]].fillna("#NAN").to_numpy(dtype=object)))
    assert np.array_equal(found, np.hstack(parts))


@quick
@given(ROWS)
def test_sparse_and_dense_features_are_the_same(rows: list[tuple[Any, ...]]) -> None:
    columns = columns_of(rows)
    features = encoding_of(columns).encode(columns)
    assert np.array_equal(features.matrix().toarray(), features.dense())


@quick
@given(ROWS)
def test_arrays_given_from_outside_are_read_as_stored_cells_are(rows: list[tuple[Any, ...]]) -> None:
    columns = columns_of(rows)
    encoding = encoding_of(columns)
    plain = {name: [row[place] for row in rows] for place, name in enumerate("xyuv")}
    assert np.array_equal(encoding.encode(plain).dense(), encoding.encode(columns).dense())


@quick
@given(ROWS)
def test_a_row_has_the_same_features_alone(rows: list[tuple[Any, ...]]) -> None:
    columns = columns_of(rows)
    encoding = encoding_of(columns)
    together = encoding.encode(columns).dense()
    for place, row in enumerate(rows):
        alone = {name: [row[column]] for column, name in enumerate("xyuv")}
        assert np.array_equal(encoding.encode(alone).dense()[0], together[place])


def test_the_gaussian_normalizer_gives_mean_0_and_deviation_1() -> None:
    columns = columns_of([(1.0, 5.0, "a", "b"), (2.0, 5.0, "a", "b"), (6.0, 5.0, "a", "b")])
    numbers = encoding_of(columns, GAUSSIAN).encode(columns).numbers
    assert np.allclose([numbers[0].mean(), numbers[0].std()], [0, 1])
    assert (numbers[1] == 0).all()


def test_numbers_may_stay_as_they_are() -> None:
    columns = columns_of([(1.5, np.nan, "a", "b"), (-2.0, np.inf, "a", "b")])
    assert encoding_of(columns, AS_IS).encode(columns).numbers.tolist() == [[1.5, -2.0], [0.0, 0.0]]


def test_categories_whose_texts_are_alike_are_one_level() -> None:
    table = as_table(pd.DataFrame({"k": pd.Categorical([1, 1.5, "1", None], categories=[1, 1.5, "1"])}))
    columns = word_columns(table, ["k"])
    encoding = fit_features(columns, [], ["k"], MIN_MAX)
    assert encoding.levels == (("#NAN", "1", "1.5"),)
    assert encoding.encode(columns).dense().tolist() == [[0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_times_are_numbers_in_any_unit() -> None:
    days = pd.DatetimeIndex(["2020-01-01", "2020-01-03", "NaT", "2020-01-02"])
    table = as_table(pd.DataFrame({"day": days, "span": days - days[0]}))
    columns = number_columns(table, ["day", "span"])
    encoding = fit_features(columns, ["day", "span"], [], MIN_MAX)
    expected = [0, 1, 0, 0.5]
    assert np.allclose(encoding.encode(columns).numbers, [expected, expected])
    for unit in ("s", "ms", "us", "ns"):
        given_days = {"day": days.to_numpy().astype(f"M8[{unit}]"), "span": (days - days[0]).to_numpy()}
        assert np.allclose(encoding.encode(given_days).numbers, [expected, expected])
    assert np.allclose(encoding.encode({"day": days.to_numpy(), "span": [0.0] * 4}).numbers[0], expected)


def test_times_may_be_objects_or_text() -> None:
    days = pd.to_datetime(["2020-01-01T00:00", "2020-01-03T12:00", "2020-01-02T00:00"])
    spans = days - days[0]
    columns = number_columns(as_table(pd.DataFrame({"day": days, "span": spans})), ["day", "span"])
    encoding = fit_features(columns, ["day", "span"], [], MIN_MAX)
    expected = encoding.encode(columns).numbers
    objects = {"day": list(days), "span": list(spans)}
    text = {
        "day": [day.isoformat() for day in days],
        "span": [span.isoformat() for span in spans],
    }
    assert np.array_equal(encoding.encode(objects).numbers, expected)
    assert np.array_equal(encoding.encode(text).numbers, expected)
