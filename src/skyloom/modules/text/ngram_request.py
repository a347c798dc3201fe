"""What the parameters of Extract N-Gram Features from Text ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.table import Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.feature_scores import score_of
from skyloom.modules.tables.numbers import new_numbers
from skyloom.modules.tables.selection import picked_column
from skyloom.modules.text.ngram_features import FREQUENCY, ngram_weights
from skyloom.modules.text.vocabulary import (
    NgramRules,
    Vocabulary,
    count_vocabulary,
    merged_vocabulary,
    read_vocabulary,
    updated_vocabulary,
)
from skyloom.modules.text.words import words_of

_CREATE, _READ, _UPDATE = "Create", "ReadOnly", "Update"


def refuse_unusable(values: Mapping[str, Any], known: Table | None) -> None:
    """That the parameters go together.

    Raises
    ------
    ProblemError
        D301 Graph Weight; M0007 word lengths the wrong way round; M0003 no vocabulary, though the mode
        needs one.
    """
    if values["Weighting function"] == "Graph Weight":
        raise ProblemError(
            Problem(
                "D301",
                "Graph Weight cannot be computed: the old product never told its rule.",
                "Weighting function",
                "Choose TF-IDF Weight.",
            )
        )
    if values["Minimum word length"] > values["Maximum word length"]:
        raise studio_error(
            7,
            f"The shortest word, {values['Minimum word length']} letters, is longer than the longest, "
            f"{values['Maximum word length']}.",
            "Minimum word length",
            "Exchange them.",
        )
    if values["Vocabulary mode"] != _CREATE and known is None:
        raise studio_error(
            3,
            f"The mode {values['Vocabulary mode']} needs a vocabulary.",
            "Input vocabulary",
            "Connect the second output of another Extract N-Gram Features from Text, or choose Create.",
        )


def rules_of(values: Mapping[str, Any]) -> NgramRules:
    return NgramRules(
        values["N-Grams size"],
        values["K-Skip size"],
        values["Minimum word length"],
        values["Maximum word length"],
        values["Mark begin-of-sentence"],
    )


def fitting_vocabulary(
    texts: Sequence[str], known: Table | None, rules: NgramRules, values: Mapping[str, Any]
) -> Vocabulary:
    """The vocabulary of the texts, the one that is known, or both together."""
    mode = values["Vocabulary mode"]
    earlier = Vocabulary() if known is None or mode == _CREATE else read_vocabulary(known)
    if mode == _READ:
        return earlier
    least = values["Minimum n-gram document absolute frequency"]
    own = count_vocabulary(texts, rules, least, values["Maximum n-gram document ratio"])
    if mode == _CREATE:
        return own
    if mode == _UPDATE:
        return updated_vocabulary(earlier, own, len(texts))
    return merged_vocabulary(earlier, own)


def selected_vocabulary(
    table: Table,
    texts: Sequence[str],
    vocabulary: Vocabulary,
    rules: NgramRules,
    values: Mapping[str, Any],
) -> Vocabulary:
    """The n-grams that tell most of the target column, or that enough texts have.

    A vocabulary that is only read stays whole, and so does any without something to choose by: Designer has
    no such choice although its parameter says True.
    """
    method = values.get("Feature scoring method")
    if values["Vocabulary mode"] == _READ or method is None:
        return vocabulary
    ngrams = list(vocabulary.frequencies)
    if method == "Count Based":
        counts = (ngram_weights(texts, vocabulary, rules, FREQUENCY) > 0).sum(axis=1)
        least = values["Minimum number of non-zero elements"]
        return vocabulary.only(ngram for ngram, count in zip(ngrams, counts) if count >= least)
    if not values.get("Target column"):
        return vocabulary
    target = table.column(picked_column(table, values, "Target column"))
    weights = ngram_weights(texts, vocabulary, rules, values["Weighting function"])
    scores = [score_of(new_numbers("", cells), target, method.replace(" ", "")) for cells in weights]
    best = np.argsort(-np.array(scores), kind="stable")[: values["Number of desired features"]]
    return vocabulary.only(ngrams[place] for place in best)


def tell_unknown(texts: Sequence[str], weights: Any) -> None:
    """A line in the log when some texts have words, and none of them is known."""
    spoken = np.array([bool(words_of(text)) for text in texts], bool)
    unknown = int(np.count_nonzero(spoken & ~(weights != 0).any(axis=0)))
    if unknown:
        print(f"{unknown} of {len(texts)} texts have no n-gram of the vocabulary.")
