"""A place in the tokens, with the few questions a parser asks."""

from __future__ import annotations

from typing import List, Optional, Sequence

from skyloom.runner.usql.faults import SILENT, FaultError
from skyloom.runner.usql.tokens import BAD, CONTEXTUAL, END, KEYWORDS, NAME, QUOTED, SIGN, Token


class Cursor:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens: List[Token] = list(tokens)
        self.place = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.place + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        if token.kind != END:
            self.place += 1
        return token

    def is_word(self, *words: str) -> bool:
        """Whether these words stand here, one after the other."""
        return all(self.ahead(place).is_word(word) for place, word in enumerate(words))

    def word(self, *words: str) -> Optional[Token]:
        """Take these words if all of them stand here; the first of them."""
        if not self.is_word(*words):
            return None
        first = self.token
        self.place += len(words)
        return first

    def sign(self, sign: str) -> Optional[Token]:
        return self.take() if self.token.is_sign(sign) else None

    def expect_word(self, word: str, fix: str = "") -> Token:
        return self.word(word) or self._fail(f"{word} is expected here", fix)

    def expect_sign(self, sign: str, fix: str = "") -> Token:
        return self.sign(sign) or self._fail(f"'{sign}' is expected here", fix)

    def is_name(self) -> bool:
        """Whether a name of the user's own stands here: quoted, or no keyword."""
        token = self.token
        if token.kind == NAME:
            return token.text not in KEYWORDS or token.text in CONTEXTUAL
        return token.kind == QUOTED

    def name(self, what: str) -> Token:
        if not self.is_name():
            fix = (
                f"Put a name that is a keyword into brackets: [{self.token.text}]."
                if self._is_keyword()
                else ""
            )
            self._fail(f"{what} is expected here", fix)
        return self.take()

    def fail(self, what: str, fix: str = "") -> "FaultError":
        """The fault that ``what`` should stand here; a keyword in small letters is told as such."""
        token = self.token
        if token.kind == BAD:  # it was told already
            return FaultError(SILENT, "", token.at)
        if self.is_small_keyword:
            upper = token.text.upper()
            what = f"U-SQL keywords are written in capitals: '{token.text}' is read as a name."
            return FaultError("U003", what, token.at, f"Write {upper}.")
        return FaultError("U002", f"{what}, not {token.shown}.", token.at, fix)

    @property
    def is_small_keyword(self) -> bool:
        token = self.token
        return token.kind == NAME and token.text.upper() in KEYWORDS and token.text not in KEYWORDS

    def _fail(self, what: str, fix: str) -> Token:
        raise self.fail(what, fix)

    def _is_keyword(self) -> bool:
        return self.token.kind == NAME and self.token.text in KEYWORDS

    def skip_statement(self) -> None:
        """Go behind the next semicolon that is not inside brackets."""
        while self.token.kind != END:
            if self.take().is_sign(";"):
                return

    @property
    def is_at_end(self) -> bool:
        return self.token.kind == END

    def is_sign(self, *signs: str) -> bool:
        return self.token.kind == SIGN and self.token.text in signs
