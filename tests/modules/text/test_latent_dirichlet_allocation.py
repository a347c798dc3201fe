from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

from tests.modules.running import as_table, code_of, frame, run

NAME = "Latent Dirichlet Allocation"
RANDOM = np.random.RandomState(6)
SEA, FIELD = ["ship", "wave", "sail", "harbour", "storm"], ["wheat", "plough", "harvest", "barn", "soil"]
TEXTS = [" ".join(RANDOM.choice(SEA if place % 2 else FIELD, 12)) for place in range(30)]
TABLE = pd.DataFrame({"t": TEXTS, "n": range(30)})


def _topics(table: Any, **values: Any) -> tuple[Any, Any, Any]:
    given = {name.replace("_", " "): value for name, value in values.items()}
    made, matrix, transformation = run(
        NAME, table, {"Target columns": ["t"], "Number of topics to model": 2, **given}
    )
    return frame(made), frame(matrix), pickle.loads(pickle.dumps(transformation))


def test_texts_of_two_kinds_have_two_topics() -> None:
    made, matrix, _ = _topics(TABLE)
    assert list(made) == ["t", "n", "Topic 1", "Topic 2"]
    np.testing.assert_allclose(made[["Topic 1", "Topic 2"]].sum(axis=1), 1)
    is_first = (made["Topic 1"] > 0.9).to_numpy()
    assert is_first.tolist() in (
        [place % 2 == 0 for place in range(30)],
        [place % 2 == 1 for place in range(30)],
    )
    assert list(matrix) == ["Feature", "Topic 1", "Topic 2"] and {"ship", "ship wave"} <= set(
        matrix["Feature"]
    )
    np.testing.assert_allclose(matrix[["Topic 1", "Topic 2"]].sum(), 1)


def test_weights_and_shares_are_those_of_scikit_learn() -> None:
    made, matrix, transformation = _topics(TABLE, Normalize=False, **{"N-grams": 1})
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform(TEXTS)
    model = LatentDirichletAllocation(
        2,
        doc_topic_prior=0.01,
        topic_word_prior=0.01,
        learning_method="online",
        learning_decay=0.5,
        learning_offset=10.0,
        max_iter=25,
        batch_size=32,
        total_samples=1000,
        random_state=0,
    ).fit(counts)
    assert matrix["Feature"].tolist() == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_allclose(matrix[["Topic 1", "Topic 2"]].to_numpy().T, model.components_)
    wanted = model.transform(counts)
    found = made[["Topic 1", "Topic 2"]].to_numpy()
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True), wanted, atol=1e-6)
    later = ["ship soil ship", "nothing known", ""]
    applied = frame(transformation.apply(as_table(pd.DataFrame({"t": later}))))[
        ["Topic 1", "Topic 2"]
    ].to_numpy()
    np.testing.assert_allclose(
        applied / applied.sum(axis=1, keepdims=True), model.transform(vectorizer.transform(later)), atol=1e-6
    )


def test_equal_texts_give_equal_topics() -> None:
    pd.testing.assert_frame_equal(_topics(TABLE)[0], _topics(TABLE)[0])


def test_words_are_those_of_a_dictionary_of_bounded_size_or_of_a_hash() -> None:
    _, matrix, _ = _topics(TABLE, Maximum_size_of_ngram_dictionary=3, **{"N-grams": 1})
    assert len(matrix) == 3
    counts = pd.Series(" ".join(TEXTS).split()).value_counts()
    assert set(counts[matrix["Feature"]]) == set(counts.head(3))
    _, matrix, _ = _topics(TABLE, Build_dictionary_of_ngrams="False", Number_of_hash_bits=4)
    assert len(matrix) == 16
    _, matrix, _ = _topics(
        TABLE,
        Show_all_options="True",
        Build_dictionary_of_ngrams_prior_to_LDA="False",
        Hash_bits=3,
        passes=2,
        Size_of_the_batch=7,
    )
    assert len(matrix) == 8


def test_several_columns_are_one_text() -> None:
    parts = pd.DataFrame({"t": ["ship", "soil"], "u": ["wave", None]})
    assert set(_topics(parts, Target_columns=["t", "u"])[1]["Feature"]) == {
        "ship",
        "wave",
        "ship wave",
        "soil",
    }


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("M0017", {"Target columns": ["n"]}),
        ("M0007", {"Build dictionary of ngrams": "False", "Number of hash bits": 17}),
    ],
)
def test_what_cannot_be_done_is_told(code: str, values: dict[str, Any]) -> None:
    assert code_of(NAME, TABLE, {"Target columns": ["t"], **values}) == code


def test_texts_without_words_are_error_39() -> None:
    assert code_of(NAME, pd.DataFrame({"t": ["", "!"]}), {"Target columns": ["t"]}) == "M0039"
