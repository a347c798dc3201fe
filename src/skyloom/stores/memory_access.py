"""Tokens, sessions and facts in memory."""

from __future__ import annotations

import threading
from dataclasses import replace

from skyloom.core.access import Session, Token


class MemoryFacts:
    """Facts in a dictionary."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def keep(self, name: str, value: str) -> str:
        return self._values.setdefault(name, value)


class MemorySessions:
    """Sessions in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        self.kept[session.digest] = session

    def find(self, digest: str) -> Session | None:
        return self.kept.get(digest)

    def remove(self, digest: str) -> bool:
        return self.kept.pop(digest, None) is not None


class MemoryTokens:
    """Tokens in a dictionary; ``sessions`` are those that end with them."""

    def __init__(self, sessions: MemorySessions | None = None) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}
        self._sessions = sessions or MemorySessions()

    def add(self, token: Token) -> None:
        with self._lock:
            self._tokens[token.id] = token

    def find(self, token: str) -> Token | None:
        return self._tokens.get(token)

    def all(self) -> list[Token]:
        with self._lock:
            return sorted(self._tokens.values(), key=lambda token: (token.created_at, token.id))

    def revoke(self, token: str, at: str) -> bool:
        with self._lock:
            found = self._tokens.get(token)
            if found is None or found.revoked_at is not None:
                return False
            self._tokens[token] = replace(found, revoked_at=at)
            for session in [one for one in self._sessions.kept.values() if one.token == token]:
                self._sessions.remove(session.digest)
            return True

    def touch(self, token: str, at: str) -> None:
        with self._lock:
            if token in self._tokens:
                self._tokens[token] = replace(self._tokens[token], last_used_at=at)
