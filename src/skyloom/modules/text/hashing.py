"""Counts of runs of words in as many columns as a hash has values."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.footer import MAX_COLUMNS
from skyloom.data.table import Column
from skyloom.modules.tables.numbers import new_numbers
from skyloom.modules.text.words import ngrams_of, words_of


def refuse_too_many(present: int, texts: int, bits: int) -> None:
    """That the table will not be wider than tables are.

    Raises
    ------
    ProblemError
        D005 (Studio error 0129).
    """
    wanted = present + texts * 2**bits
    if wanted > MAX_COLUMNS:
        raise ProblemError(
            Problem(
                "D005",
                f"The result would have {wanted:,} columns; a table holds {MAX_COLUMNS:,}.",
                "Hashing bitsize",
                "Use a smaller number of bits.",
            )
        )


def place_of(ngram: str, bits: int) -> int:
    """The lowest bits of the n-gram's MurmurHash3 with seed 0."""
    from sklearn.utils import murmurhash3_32  # scikit-learn is loaded where it is needed

    return int(murmurhash3_32(ngram, seed=0, positive=True)) & ((1 << bits) - 1)


def hashed_columns(name: str, texts: Sequence[str], bits: int, size: int) -> list[Column]:
    """2**bits columns with the counts of runs of up to ``size`` words."""
    known: dict[tuple[str, ...], int] = {}
    cells = array("q")  # of the counted n-grams, one row a feature: each column lies together
    for row, text in enumerate(texts):
        for ngram in ngrams_of(words_of(text), size):
            place = known.get(ngram)
            if place is None:
                place = known[ngram] = place_of(" ".join(ngram), bits)
            cells.append(place * len(texts) + row)
    counts = np.bincount(np.array(cells, np.int64), minlength=2**bits * len(texts)).astype("f8")
    columns = counts.reshape(2**bits, len(texts))
    return [new_numbers(f"{name}_HashingFeature.{place}", column) for place, column in enumerate(columns, 1)]
