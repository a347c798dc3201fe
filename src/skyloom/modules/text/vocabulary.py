"""The n-grams that texts are described by, with how many documents have each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.numbers import numbers_of
from skyloom.modules.text.words import ngrams_of, sentences_of, texts_of

SEPARATOR = "_"  # between the words of an n-gram, in the vocabulary and in column names
BEGIN = "^"  # stands before the first word of a sentence when it is marked
_ID, _NGRAM, _FREQUENCY, _INVERSE = "Id", "NGram", "DF", "IDF"


@dataclass(frozen=True)
class NgramRules:
    """Which runs of words count as n-grams."""

    size: int = 1
    skip: int = 0
    shortest: int = 1  # letters of a word
    longest: int = 2**31
    marks_begin: bool = False

    def ngrams(self, text: str) -> Iterable[str]:
        """The n-grams of a text, as often as they occur, none across the end of a sentence."""
        for words in sentences_of(text):
            kept = [word for word in words if self.shortest <= len(word) <= self.longest]
            marked = [BEGIN, *kept] if self.marks_begin and kept else kept
            for ngram in ngrams_of(marked, self.size, self.skip):
                if ngram != (BEGIN,):
                    yield SEPARATOR.join(ngram)


@dataclass(frozen=True)
class Vocabulary:
    """Document frequencies by n-gram, in the order of their columns, and the inverse ones.

    The inverse document frequency is the natural logarithm of documents over documents with the n-gram.
    """

    frequencies: Mapping[str, float] = field(default_factory=dict)
    inverse: Mapping[str, float] = field(default_factory=dict)

    def as_table(self) -> Table:
        """Columns Id, NGram, DF and IDF, a row for each n-gram."""
        frame = pd.DataFrame(
            {
                _ID: np.arange(len(self.frequencies), dtype=np.int64),
                _NGRAM: pd.Series(list(self.frequencies), dtype=object),
                _FREQUENCY: np.array(list(self.frequencies.values()), float),
                _INVERSE: np.array([self.inverse[ngram] for ngram in self.frequencies], float),
            }
        )
        return table_from_frame(frame)

    def only(self, ngrams: Iterable[str]) -> Vocabulary:
        kept = set(ngrams)
        frequencies = {ngram: value for ngram, value in self.frequencies.items() if ngram in kept}
        return Vocabulary(frequencies, {ngram: self.inverse[ngram] for ngram in frequencies})


def count_vocabulary(
    texts: Sequence[str], rules: NgramRules, least: float, greatest_share: float
) -> Vocabulary:
    """N-grams that at least ``least`` texts have and at most that share of all, sorted by their text."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(rules.ngrams(text)))
    most = greatest_share * len(texts)
    kept = {ngram: float(count) for ngram, count in sorted(found.items()) if least <= count <= most}
    return _with_inverse(kept, len(texts))


def updated_vocabulary(known: Vocabulary, new: Vocabulary, documents: int) -> Vocabulary:
    """Both, as if the texts of both had been counted together; n-grams that were known come first."""
    frequencies = dict(known.frequencies)
    for ngram, count in new.frequencies.items():
        frequencies[ngram] = frequencies.get(ngram, 0.0) + count
    return _with_inverse(frequencies, documents + _documents(known))


def merged_vocabulary(known: Vocabulary, new: Vocabulary) -> Vocabulary:
    """Both, with the figures of ``known`` for n-grams that are in both."""
    return Vocabulary({**new.frequencies, **known.frequencies}, {**new.inverse, **known.inverse})


def read_vocabulary(table: Table) -> Vocabulary:
    """The vocabulary that an earlier Extract N-Gram Features wrote.

    Raises
    ------
    ProblemError
        M0018 the table has not the columns NGram, DF and IDF, or an n-gram twice; M0017 one is of another
        type.
    """
    lacking = [name for name in (_NGRAM, _FREQUENCY, _INVERSE) if name not in table.names]
    if lacking:
        raise studio_error(
            18,
            f"The vocabulary has no column '{lacking[0]}'.",
            "Input vocabulary",
            "Connect the second output of another Extract N-Gram Features from Text.",
        )
    ngrams = texts_of(table.column(_NGRAM), "Input vocabulary")
    if len(set(ngrams)) != len(ngrams):
        raise studio_error(
            18, "The vocabulary has an n-gram twice.", "Input vocabulary", "Remove the repeated rows."
        )
    frequencies = _figures(table, _FREQUENCY)
    return Vocabulary(dict(zip(ngrams, frequencies)), dict(zip(ngrams, _figures(table, _INVERSE))))


def _figures(table: Table, name: str) -> list[float]:
    column = table.column(name)
    if not column.attributes.is_numeric:
        raise studio_error(
            17, f"Column '{name}' of the vocabulary is no number.", "Input vocabulary", "Give it numbers."
        )
    numbers: Any = np.nan_to_num(numbers_of(column))
    return [float(number) for number in numbers]


def _with_inverse(frequencies: Mapping[str, float], documents: int) -> Vocabulary:
    inverse = {
        ngram: math.log(max(documents, count) / count) if count > 0 else 0.0
        for ngram, count in frequencies.items()
    }
    return Vocabulary(frequencies, inverse)


def _documents(vocabulary: Vocabulary) -> int:
    """How many texts a vocabulary was counted in, as its figures tell."""
    counts = (
        count * math.exp(min(vocabulary.inverse[ngram], 40.0))
        for ngram, count in vocabulary.frequencies.items()
    )
    return round(max(counts, default=0.0))
