from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import HashingVectorizer

from tests.modules.running import code_of, frame, run

NAME = "Feature Hashing"
TEXTS = ["I love this book", "I hate this book", "", "book book book", "Ärger, don't"]
TABLE = pd.DataFrame({"t": [*TEXTS, None], "n": range(6)})


def _hash(table: Any, columns: Any = ("t",), **values: Any) -> Any:
    given = {name.replace("_", " "): value for name, value in values.items()}
    return run(NAME, table, {"Target column": list(columns), **given})[0]


def test_counts_of_words_and_pairs_stand_on_the_right_in_2_to_the_bits_columns() -> None:
    made = _hash(TABLE, Hashing_bitsize=3)
    assert made.names[:3] == ("t", "n", "t_HashingFeature.1") and len(made.columns) == 2 + 8
    sums = frame(made).iloc[:, 2:].sum(axis=1).tolist()
    assert sums == [7, 7, 0, 5, 3, 0]


def test_counts_are_those_that_scikit_learn_hashes_to_the_same_places() -> None:
    made = frame(_hash(TABLE, Hashing_bitsize=12, **{"N-grams": 1})).iloc[:5, 2:].to_numpy()
    vectorizer = HashingVectorizer(
        n_features=2**12, token_pattern=r"\w+(?:'\w+)*", lowercase=False, norm=None, alternate_sign=False
    )
    wanted = vectorizer.transform(TEXTS).toarray()
    # scikit-learn takes the hash for a signed number: the same words share a column, another one
    assert sorted(map(tuple, made.T[made.any(axis=0)])) == sorted(map(tuple, wanted.T[wanted.any(axis=0)]))


def test_equal_texts_have_equal_rows_whatever_else_is_in_the_table() -> None:
    together = frame(_hash(TABLE)).iloc[:, 2:].to_numpy()
    for row, text in enumerate(TEXTS):
        alone = frame(_hash(pd.DataFrame({"t": [text]}))).iloc[:, 1:].to_numpy()
        np.testing.assert_array_equal(alone[0], together[row])


def test_no_runs_is_as_runs_of_one_word() -> None:
    assert frame(_hash(TABLE, **{"N-grams": 0})).equals(frame(_hash(TABLE, **{"N-grams": 1})))


def test_texts_without_words_and_tables_without_rows_have_the_same_columns() -> None:
    for table in (pd.DataFrame({"t": ["", "!"]}), pd.DataFrame({"t": pd.Series([], dtype=str)})):
        made = _hash(table, Hashing_bitsize=2)
        assert len(made.columns) == 5 and not frame(made).iloc[:, 1:].to_numpy().any()


def test_categories_of_texts_are_texts_too() -> None:
    table = TABLE.assign(t=pd.Categorical(TABLE["t"]))
    assert frame(_hash(table)).iloc[:, 2:].equals(frame(_hash(TABLE)).iloc[:, 2:])


def test_a_column_that_is_no_text_is_error_17() -> None:
    assert code_of(NAME, TABLE, {"Target column": ["n"]}) == "M0017"


def test_more_columns_than_a_table_holds_are_refused_before_anything_is_counted() -> None:
    assert code_of(NAME, TABLE, {"Target column": ["t"], "Hashing bitsize": 31}) == "D005"
