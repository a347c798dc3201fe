"""The n-grams that topics are made of: those of a dictionary, or the values of a hash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skyloom.modules.studio_error import studio_error
from skyloom.modules.text.hashing import place_of
from skyloom.modules.text.words import ngrams_of, words_of

_MOST_BITS = 16


@dataclass(frozen=True)
class CountedWords:
    """Which runs of up to ``size`` words count, and their places; ``bits`` stands for a dictionary."""

    size: int
    places: Mapping[str, int] | None = None
    bits: int = 0

    @property
    def names(self) -> list[str]:
        if self.places is None:
            return [f"Hash {place}" for place in range(2**self.bits)]
        return list(self.places)

    def counts(self, text: str) -> dict[int, int]:
        """How often each place occurs in the text, by place."""
        found: Counter[int] = Counter()
        for ngram in _ngrams(text, self.size):
            place = place_of(ngram, self.bits) if self.places is None else self.places.get(ngram)
            if place is not None:
                found[place] += 1
        return dict(sorted(found.items()))


def words_to_count(texts: Sequence[str], values: Mapping[str, Any]) -> CountedWords:
    """The dictionary of the texts, or a hash, as the parameters of the module ask for.

    Raises
    ------
    ProblemError
        M0007 more than 16 bits.
    """
    size = values["N-grams"]
    bits = values.get("Hash bits", values.get("Number of hash bits"))
    if bits is not None:
        if bits > _MOST_BITS:
            raise studio_error(
                7,
                f"{bits} bits make {2**bits:,} words; {_MOST_BITS} bits are the most here.",
                "Hash bits",
                "Use fewer bits.",
            )
        return CountedWords(size, bits=bits)
    most = values.get(
        "Maximum size of ngram dictionary", values.get("Maximum number of ngrams in dictionary")
    )
    found: Counter[str] = Counter()
    for text in texts:
        found.update(_ngrams(text, size))
    kept = sorted(found, key=lambda ngram: (-found[ngram], ngram))[:most]
    return CountedWords(size, {ngram: place for place, ngram in enumerate(sorted(kept))})


def _ngrams(text: str, size: int) -> list[str]:
    return [" ".join(ngram) for ngram in ngrams_of(words_of(text), size)]
