"""Short forms of English verbs, written out."""

from __future__ import annotations

import re

# those that do not follow from their ending
_WHOLE = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    "y'all": "you all",
    "it's": "it is",
    "he's": "he is",
    "she's": "she is",
    "that's": "that is",
    "there's": "there is",
    "here's": "here is",
    "what's": "what is",
    "who's": "who is",
    "where's": "where is",
    "when's": "when is",
    "how's": "how is",
    "why's": "why is",
    "'tis": "it is",
    "'twas": "it was",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
}
_ENDINGS = (
    ("n't", " not"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'d", " would"),
    ("'m", " am"),
)
_CONTRACTION = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(word) for word in sorted(_WHOLE, key=len, reverse=True))
    + r"|\w+(?:n't|'re|'ve|'ll|'d|'m))(?!\w)",
    re.IGNORECASE,
)


def written_out(text: str) -> str:
    """The text with contractions of verbs in full; a capital at the beginning stays.

    >>> written_out("I'm sure they won't; don't ask.")
    'I am sure they will not; do not ask.'
    """
    return _CONTRACTION.sub(lambda match: _expanded(match[0]), text.replace("’", "'"))


def _expanded(word: str) -> str:
    lower = word.lower()
    full = _WHOLE.get(lower)
    if full is None:
        ending, instead = next(pair for pair in _ENDINGS if lower.endswith(pair[0]))
        return word[: -len(ending)] + instead
    return full[0].upper() + full[1:] if word[0].isupper() else full
