"""Texts as columns of weights, one for each n-gram of a vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.table import Column
from skyloom.modules.tables.numbers import new_numbers
from skyloom.modules.text.vocabulary import NgramRules, Vocabulary

BINARY, FREQUENCY, INVERSE, PRODUCT = "Binary Weight", "TF Weight", "IDF Weight", "TF-IDF Weight"


def ngram_weights(texts: Sequence[str], vocabulary: Vocabulary, rules: NgramRules, weighting: str) -> Any:
    """Weights (n_ngrams, n_texts): whether, how often, the IDF of what occurs, or its IDF times how often.

    Raises
    ------
    ProblemError
        D005 (Studio error 0129) the vocabulary is larger than a table is wide.
    """
    if len(vocabulary.frequencies) > MAX_COLUMNS:
        raise ProblemError(
            Problem(
                "D005",
                f"The vocabulary has {len(vocabulary.frequencies):,} n-grams; a table holds {MAX_COLUMNS:,} "
                "columns.",
                "Minimum n-gram document absolute frequency",
                "Use a greater number, or shorter n-grams.",
            )
        )
    places = {ngram: place for place, ngram in enumerate(vocabulary.frequencies)}
    counts = np.zeros((len(places), len(texts)))
    for row, text in enumerate(texts):
        for ngram, count in Counter(rules.ngrams(text)).items():
            if ngram in places:
                counts[places[ngram], row] = count
    inverse = np.array([vocabulary.inverse[ngram] for ngram in places]).reshape(-1, 1)
    if weighting == BINARY:
        return (counts > 0).astype("f8")
    if weighting == INVERSE:
        return (counts > 0) * inverse
    return counts * inverse if weighting == PRODUCT else counts


def unit_length(weights: Any) -> Any:
    """Each text's weights divided by their length as a vector; a text without any keeps its zeros."""
    lengths = np.sqrt((weights**2).sum(axis=0))
    return weights / np.where(lengths > 0, lengths, 1.0)


def feature_columns(name: str, vocabulary: Vocabulary, weights: Any) -> list[Column]:
    """The weights as columns NAME.[n-gram]."""
    return [new_numbers(f"{name}.[{ngram}]", cells) for ngram, cells in zip(vocabulary.frequencies, weights)]
