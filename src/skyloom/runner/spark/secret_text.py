"""Secrets that a step was given: what it prints shows them as [REDACTED], as Databricks does."""

from __future__ import annotations

from typing import Any, List

REDACTED = "[REDACTED]"
_SHORTEST = 3  # shorter ones would make holes in every other word


class Redaction:
    """Words that must not be read in output."""

    def __init__(self) -> None:
        self._words: List[str] = []

    def learn(self, secret: str) -> None:
        if len(secret) >= _SHORTEST and secret not in self._words:
            self._words.append(secret)
            self._words.sort(key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for word in self._words:
            text = text.replace(word, REDACTED)
        return text

    def deep(self, value: Any) -> Any:
        """The same in every text of a JSON value."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.deep(one) for key, one in value.items()}
        return [self.deep(one) for one in value] if isinstance(value, list) else value


class RedactedStream:
    """A text stream that tells no secret."""

    def __init__(self, stream: Any, redaction: Redaction) -> None:
        self._stream = stream
        self._redaction = redaction

    def write(self, text: str) -> int:
        self._stream.write(self._redaction(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
