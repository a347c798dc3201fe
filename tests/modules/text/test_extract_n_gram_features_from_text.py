from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from tests.modules.running import code_of, frame, run

NAME = "Extract N-Gram Features from Text"
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
TEXTS = ["good good book", "bad book", "good film", "bad bad film", "a book"]
TABLE = pd.DataFrame({"t": TEXTS, "y": [1, 0, 1, 0, 1]})
ALL = {"Minimum n-gram document absolute frequency": 1, "Minimum word length": 1}


def _extract(inputs: Any, **values: Any) -> tuple[Any, Any]:
    given = {name.replace("_", " "): value for name, value in values.items()}
    made, vocabulary = run(NAME, inputs, {"Text column": ["t"], **ALL, **given})
    return frame(made), frame(vocabulary)


def _weights(made: Any) -> Any:
    return made[[name for name in made if name.startswith("t.[")]].to_numpy()


def test_columns_are_named_by_the_text_column_and_the_n_gram_and_stand_on_the_right() -> None:
    made, _ = _extract(TABLE, **{"N-Grams_size": 2})
    assert list(made)[:2] == ["t", "y"] and "t.[good]" in made and "t.[good_book]" in made


@pytest.mark.parametrize(("weighting", "binary"), [("Binary Weight", True), ("TF Weight", False)])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_binary_and_term_frequencies_are_those_of_scikit_learn(
    weighting: str, binary: bool, size: int
) -> None:
    made, vocabulary = _extract(TABLE, Weighting_function=weighting, **{"N-Grams_size": size})
    vectorizer = CountVectorizer(ngram_range=(1, size), binary=binary, token_pattern=r"\w+", lowercase=False)
    wanted = vectorizer.fit_transform(TEXTS).toarray()
    names = [name.replace(" ", "_") for name in vectorizer.get_feature_names_out()]
    assert sorted(vocabulary["NGram"]) == sorted(names)
    np.testing.assert_array_equal(made[[f"t.[{name}]" for name in names]], wanted)


def test_the_vocabulary_tells_documents_and_the_logarithm_of_their_share() -> None:
    _, vocabulary = _extract(TABLE)
    row = vocabulary.set_index("NGram").loc["book"]
    assert row["DF"] == 3 and row["IDF"] == pytest.approx(np.log(5 / 3))
    assert vocabulary["Id"].tolist() == list(range(len(vocabulary)))
    assert list(vocabulary) == ["Id", "NGram", "DF", "IDF"]


def test_inverse_frequencies_weigh_what_occurs_and_their_product_how_often() -> None:
    idf = np.log(5 / 2)
    assert _extract(TABLE, Weighting_function="IDF Weight")[0]["t.[good]"].tolist() == pytest.approx(
        [idf, 0, idf, 0, 0]
    )
    assert _extract(TABLE, Weighting_function="TF-IDF Weight")[0]["t.[good]"].tolist() == pytest.approx(
        [2 * idf, 0, idf, 0, 0]
    )


def test_vectors_of_length_1_and_of_texts_without_any_n_gram() -> None:
    table = pd.DataFrame({"t": [*TEXTS, "", None]})
    made, _ = _extract(table, Weighting_function="TF Weight", **{"Normalize_n-gram_feature_vectors": True})
    lengths = np.sqrt((_weights(made) ** 2).sum(axis=1))
    np.testing.assert_allclose(lengths, [1] * 5 + [0, 0])


def test_rare_and_frequent_n_grams_and_short_and_long_words_are_left_out() -> None:
    rare = _extract(TABLE, **{"Minimum_n-gram_document_absolute_frequency": 3})[1]
    assert rare["NGram"].tolist() == ["book"]
    frequent = _extract(TABLE, **{"Maximum_n-gram_document_ratio": 0.5})[1]
    assert "book" not in set(frequent["NGram"]) and "good" in set(frequent["NGram"])
    words = _extract(TABLE, Minimum_word_length=2, Maximum_word_length=3)[1]
    assert words["NGram"].tolist() == ["bad"]


def test_words_may_be_skipped_inside_a_run() -> None:
    _, plain = _extract(pd.DataFrame({"t": ["a b c d"]}), **{"N-Grams_size": 2})
    _, skipped = _extract(pd.DataFrame({"t": ["a b c d"]}), **{"N-Grams_size": 2, "K-Skip_size": 1})
    assert set(skipped["NGram"]) - set(plain["NGram"]) == {"a_c", "b_d"}


def test_no_n_gram_reaches_across_the_mark_between_sentences_and_beginnings_can_be_marked() -> None:
    table = pd.DataFrame({"t": ["one two ||| three"]})
    assert set(_extract(table, **{"N-Grams_size": 2})[1]["NGram"]) == {"one", "two", "three", "one_two"}
    marked = _extract(table, **{"N-Grams_size": 2, "Mark_begin-of-sentence": True})[1]
    assert set(marked["NGram"]) - {"one", "two", "three", "one_two"} == {"^_one", "^_three"}


def test_other_texts_are_described_by_a_vocabulary_that_is_read() -> None:
    _, vocabulary = _extract(TABLE, Weighting_function="IDF Weight")
    made, same = _extract(
        [pd.DataFrame({"t": ["good new thing"]}), vocabulary],
        Vocabulary_mode="ReadOnly",
        Weighting_function="IDF Weight",
    )
    pd.testing.assert_frame_equal(same, vocabulary)
    assert [name for name in made if made[name].iloc[0] != 0] == ["t", "t.[good]"]
    assert made["t.[good]"].iloc[0] == pytest.approx(np.log(5 / 2))


def test_a_vocabulary_is_counted_on_as_if_all_texts_had_been_counted_together() -> None:
    _, first = _extract(TABLE[:3])
    _, updated = _extract([TABLE[3:], first], Vocabulary_mode="Update")
    _, together = _extract(TABLE)
    pairs = [frame.set_index("NGram")[["DF", "IDF"]].sort_index() for frame in (updated, together)]
    pd.testing.assert_frame_equal(pairs[0], pairs[1])


def test_merging_adds_what_is_new_and_keeps_the_figures_of_what_is_known() -> None:
    _, first = _extract(TABLE[:3])
    _, merged = _extract([TABLE[3:], first], Vocabulary_mode="Merge")
    figures = merged.set_index("NGram")["DF"].to_dict()
    assert figures["good"] == 2 and figures["book"] == 2 and figures["a"] == 1


def test_the_best_n_grams_are_kept_when_there_is_a_target_to_tell() -> None:
    for method in ("Pearson Correlation", "Fisher Score", "Chi Squared", "Mutual Information"):
        _, vocabulary = _extract(TABLE, Target_column=["y"], Feature_scoring_method=method)
        assert vocabulary["NGram"].tolist() == ["bad"]
    counted = _extract(
        TABLE, Feature_scoring_method="Count Based", **{"Minimum_number_of_non-zero_elements": 3}
    )[1]
    assert counted["NGram"].tolist() == ["book"]
    every = _extract(TABLE, **{"Use_filter-based_feature_selection": "False"})[1]
    assert len(every) == len(_extract(TABLE)[1]) == 5


def test_texts_without_a_known_n_gram_are_told_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    _, vocabulary = _extract(TABLE)
    _extract([pd.DataFrame({"t": ["strange", "", "book"]}), vocabulary], Vocabulary_mode="ReadOnly")
    assert capsys.readouterr().out == "1 of 3 texts have no n-gram of the vocabulary.\n"


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("D301", {"Weighting function": "Graph Weight"}),
        ("M0003", {"Vocabulary mode": "ReadOnly"}),
        ("M0007", {"Minimum word length": 9, "Maximum word length": 8}),
        ("M0017", {"Text column": ["y"]}),
    ],
)
def test_what_cannot_be_done_is_told(code: str, values: dict[str, Any]) -> None:
    assert code_of(NAME, TABLE, {"Text column": ["t"], **values}) == code


def test_a_table_that_is_no_vocabulary_is_error_18() -> None:
    values = {"Text column": ["t"], "Vocabulary mode": "ReadOnly"}
    assert code_of(NAME, [TABLE, TABLE], values) == "M0018"
    twice = pd.DataFrame({"NGram": ["a", "a"], "DF": [1, 2], "IDF": [0, 0]})
    assert code_of(NAME, [TABLE, twice], values) == "M0018"
    assert code_of(NAME, [TABLE, twice[:1].assign(DF="x")], values) == "M0017"


@quiet
@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_texts_are_described_and_described_alike_by_their_own_vocabulary(texts: list[str]) -> None:
    table = pd.DataFrame({"t": pd.Series(texts, dtype=object)}).map(
        lambda text: text.encode("utf-8", "replace").decode()
    )
    if not len(table):
        table = table.astype(str)
    made, vocabulary = _extract(table, Weighting_function="TF Weight", **{"N-Grams_size": 2})
    again, _ = _extract(
        [table, vocabulary.astype({"NGram": str})],
        Weighting_function="TF Weight",
        Vocabulary_mode="ReadOnly",
        **{"N-Grams_size": 2},
    )
    np.testing.assert_array_equal(_weights(made), _weights(again))
