"""Text cells, their words and runs of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from skyloom.data.table import Column
from skyloom.data.text_cells import objects_from_cells
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.categories import plain_column
from skyloom.modules.tables.cells import text_cells

SENTENCE_END = "|||"  # what Preprocess Text puts between sentences

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def texts_of(column: Column, where: str) -> list[str]:
    """The cells of a String column, or of a Categorical of texts; missing ones are empty.

    Raises
    ------
    ProblemError
        M0017 the column is no text.
    """
    plain = plain_column(column)
    if plain.type != "String":
        raise studio_error(
            17,
            f"Column '{column.name}' is {column.type}, not text.",
            where,
            "Choose a text column, or make it String with Edit Metadata.",
        )
    return [value or "" for value in objects_from_cells(text_cells(plain))]


def words_of(text: str) -> list[str]:
    """Runs of letters, digits and underscores; an apostrophe between two of them belongs to the word.

    >>> words_of("Don't panic, it's 42!")
    ["Don't", 'panic', "it's", '42']
    """
    return _WORD.findall(text)


def sentences_of(text: str) -> list[list[str]]:
    """The words of each sentence, where Preprocess Text has marked them; else of the whole text."""
    return [words_of(part) for part in text.split(SENTENCE_END)]


def ngrams_of(words: Sequence[str], size: int, skip: int = 0) -> Iterator[tuple[str, ...]]:
    """Every run of 1 to ``size`` words, also with up to ``skip`` words left out inside it.

    >>> list(ngrams_of(["a", "b", "c"], 2))
    [('a',), ('b',), ('c',), ('a', 'b'), ('b', 'c')]
    >>> list(ngrams_of(["a", "b", "c"], 2, skip=1))[-1]
    ('b', 'c')
    """
    for length in range(1, size + 1):
        if not skip:  # many times quicker than drawing from what follows
            yield from zip(*(words[start:] for start in range(length)))
            continue
        for start in range(len(words) - length + 1):
            following = range(start + 1, min(start + length + skip, len(words)))
            for others in combinations(following, length - 1):
                yield (words[start], *(words[place] for place in others))
