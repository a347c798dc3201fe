"""Texts made plain, step by step (studio.md, Appendix A, Preprocess Text)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from skyloom.modules.text.contractions import written_out
from skyloom.modules.text.lemmas import lemma_of
from skyloom.modules.text.stop_words import STOP_WORDS
from skyloom.modules.text.words import SENTENCE_END

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|ftp://|www\.)[^\s<>\"]+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![^\W\d])[+-]?\d+(?:[.,:]\d+)*(?![^\W\d])")
_SPECIAL = re.compile(r"[^\w\s|]|_|(?<!\|)\|(?!\|)")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+")
_SPLIT = re.compile(r"([^\w\s|]+)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Preprocessing:
    """Which steps are done; the names are those of the parameters.

    The order: the expression of one's own; marking of sentences; e-mail addresses, URLs and backslashes;
    contractions; splitting at special characters; stop words; lemmas; numbers, special and repeated
    characters; small letters. Stop words are compared in small letters, before and after the word's lemma
    is taken.
    """

    stop_words: frozenset[str] = STOP_WORDS
    lemmas: bool = True
    sentences: bool = True
    lowercase: bool = True
    numbers: bool = True
    special: bool = True
    duplicates: bool = True
    emails: bool = True
    urls: bool = True
    contractions: bool = True
    backslashes: bool = True
    split: bool = True
    custom: re.Pattern[str] | None = None
    replacement: str = ""

    def cleaned(self, text: str, is_english: bool = True) -> str:
        """The text after all steps, single blanks between words.

        Steps that know English (contractions, stop words, lemmas) are left out for other texts.
        """
        for is_done, step in self._steps(is_english):
            if is_done:
                text = step(text)
        return _BLANKS.sub(" ", text).strip()

    def _steps(self, is_english: bool) -> tuple[tuple[bool, Callable[[str], str]], ...]:
        return (
            (self.custom is not None, self._replaced),
            (self.sentences, _with_sentence_ends),
            (self.emails, lambda text: _EMAIL.sub(" ", text)),
            (self.urls, lambda text: _URL.sub(" ", text)),
            (self.backslashes, lambda text: text.replace("\\", "/")),
            (self.contractions and is_english, written_out),
            (self.split, lambda text: _SPLIT.sub(_apart, text)),
            (bool(self.stop_words) and is_english, self._without_stop_words),
            (self.lemmas and is_english, lambda text: _WORD.sub(lambda match: lemma_of(match[0]), text)),
            (self.lemmas and bool(self.stop_words) and is_english, self._without_stop_words),
            (self.numbers, lambda text: _NUMBER.sub(" ", text)),
            (self.special, lambda text: _SPECIAL.sub(" ", text)),
            (self.duplicates, lambda text: _REPEATED.sub(r"\1\1", text)),
            (self.lowercase, str.lower),
        )

    def _replaced(self, text: str) -> str:
        assert self.custom is not None  # the step is done only then
        return self.custom.sub(lambda match: match.expand(self.replacement), text)

    def _without_stop_words(self, text: str) -> str:
        return _WORD.sub(lambda match: " " if match[0].lower() in self.stop_words else match[0], text)


def _with_sentence_ends(text: str) -> str:
    """A mark between sentences; an abbreviation's dot passes for an end, as no list of them is complete."""
    return f" {SENTENCE_END} ".join(part for part in _SENTENCE.split(text) if part)


def _apart(match: re.Match[str]) -> str:
    """Special characters between blanks; an apostrophe inside a word stays there."""
    inside = match[0] in ("'", "’") and _is_letter(match.string, match.start() - 1)
    if inside and _is_letter(match.string, match.end()):
        return "'"
    return f" {match[0]} "


def _is_letter(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isalpha()
