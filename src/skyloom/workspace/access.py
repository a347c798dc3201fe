"""Access: who may do what over the network. The Unix socket needs no token: its file belongs to the owner.

Source: reliability.md 4.1, rows 1 and 2.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from skyloom.core.access import (
    ADMIN,
    Grant,
    Session,
    Token,
    derived_text,
    grant_of,
    is_scope,
    is_sealed,
    new_secret,
    secret_digest,
    split_derived,
    split_token,
    token_text,
)
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.ports import utc_now
from skyloom.engine.web_ports import Sessions, Tokens

EXCHANGE_S = 3600.0  # life of a token that a program gets for its id and secret
TOUCH_S = 60.0  # a use is written down at most so often
SESSION_LIFE = timedelta(hours=12)
WORD_LIFE = timedelta(minutes=10)
MOST_WORDS = 32
WORD = "once_"  # what a word that opens one session begins with
FIRST = "first"  # the name of the token that is made when the port is opened for the first time


class Access:
    """Tokens and sessions of one workspace.

    Parameters
    ----------
    token_file
        Where the first token is left for tools of the same user, mode 600.
    """

    def __init__(
        self, tokens: Tokens, sessions: Sessions, token_file: Path, now: Callable[[], str] = utc_now
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._now = now
        self._touched: dict[str, float] = {}
        self._words: dict[str, tuple[str, str]] = {}  # digest -> id of the token, end; dies with the agent
        self._words_lock = threading.Lock()
        self._key_lock = threading.Lock()
        self.token_file = token_file

    def first_token(self) -> tuple[str, bool]:
        """The owner's token, and whether it was made just now."""
        try:
            text = self.token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            text = ""
        grant = self.grant(text)
        if grant is not None and grant.may(ADMIN):
            return text, False
        _, text = self.create(FIRST, (ADMIN,), None)
        _write_private(self.token_file, text + "\n")
        return text, True

    def create(self, name: str, scopes: Sequence[str], life: timedelta | None) -> tuple[Token, str]:
        """A token and its text, which is not kept anywhere.

        Raises
        ------
        ProblemError
            A106 a scope does not read, A107 it would be expired at once.
        """
        unknown = [scope for scope in scopes if not is_scope(scope)]
        if unknown or not scopes:
            raise ProblemError(
                Problem(
                    "A106",
                    f"There is no scope '{unknown[0]}'." if unknown else "A token needs a scope.",
                    "scopes",
                    "Use read, submit, admin, pipelines:submit, endpoint:<id> or pipeline:<id>.",
                )
            )
        if life is not None and life <= timedelta(0):
            raise ProblemError(Problem("A107", "The token would be expired at once.", "expires", "Say 30d."))
        secret = new_secret()
        token = Token(
            secrets.token_hex(8),
            secret_digest(secret),
            name,
            tuple(dict.fromkeys(scopes)),
            self._now(),
            None if life is None else _later(life),
        )
        self._tokens.add(token)
        return token, token_text(token.id, secret)

    def all(self) -> list[Token]:
        return self._tokens.all()

    def revoke(self, token: str) -> Token:
        """The token, dead from now on.

        Raises
        ------
        ProblemError
            A105.
        """
        if not self._tokens.revoke(token, self._now()):
            raise ProblemError(
                Problem("A105", f"There is no live token '{token}'.", token, "See 'skyloom token list'.")
            )
        found = self._tokens.find(token)
        assert found is not None
        return found

    def grant(self, text: str) -> Grant | None:
        """What this token allows; nothing when it is unknown, expired or revoked."""
        derived = split_derived(text)
        if derived is not None:
            return self._derived_grant(*derived)
        parts = split_token(text)
        token = self._tokens.find(parts[0]) if parts else None
        if parts is None or token is None or not token.fits(parts[1]) or not token.is_live(self._now()):
            return None
        self._remember(token.id)
        return grant_of(token)

    # --- words that open one session ----------------------------------------------------------------------

    def word_for_one_session(self) -> str:
        """A word in the owner's name that signs in once, within ten minutes (decision 0026)."""
        parts = split_token(self.first_token()[0])
        assert parts is not None
        word = WORD + new_secret()
        with self._words_lock:
            while len(self._words) >= MOST_WORDS:
                del self._words[next(iter(self._words))]
            self._words[secret_digest(word)] = (parts[0], _later(WORD_LIFE))
        return word

    def _spent(self, word: str) -> Grant | None:
        """What the word opens; nobody gets the same answer again."""
        with self._words_lock:
            token_id, end = self._words.pop(secret_digest(word), ("", ""))
        token = self._tokens.find(token_id) if end > self._now() else None
        return grant_of(token) if token is not None and token.is_live(self._now()) else None

    # --- tokens for programs ----------------------------------------------------------------------------

    def exchange(self, client: str, secret: str) -> tuple[str, float] | None:
        """A token that ends by itself, and its life in seconds, for a live token's id and secret."""
        whole = split_token(secret)
        token = self._tokens.find(client)
        shown = whole[1] if whole is not None and whole[0] == client else secret
        if token is None or not token.fits(shown) or not token.is_live(self._now()):
            return None
        self._remember(token.id)
        return derived_text(token, self._key(), int(time.time() + EXCHANGE_S)), EXCHANGE_S

    def _derived_grant(self, id: str, until: int, seal: str) -> Grant | None:
        token = self._tokens.find(id)
        if token is None or until <= time.time() or not token.is_live(self._now()):
            return None
        return grant_of(token) if is_sealed(token, self._key(), until, seal) else None

    def _key(self) -> bytes:
        """What derived tokens are sealed with: in a file, so that the database alone opens nothing."""
        file = self.token_file.with_name("exchange.key")
        with self._key_lock:
            try:
                return bytes.fromhex(file.read_text(encoding="ascii").strip())
            except (OSError, ValueError):
                _write_private(file, secrets.token_hex(32) + "\n")
                return bytes.fromhex(file.read_text(encoding="ascii").strip())

    # --- sessions of browsers ---------------------------------------------------------------------------

    def sign_in(self, text: str, old_cookie: str | None = None) -> str | None:
        """A fresh cookie for a good token or word; a session that was there before is ended."""
        if old_cookie:
            self.sign_out(old_cookie)
        grant = self._spent(text) if text.startswith(WORD) else self.grant(text)
        if grant is None:
            return None
        cookie = new_secret()
        life = Session(secret_digest(cookie), grant.subject, self._now(), _later(SESSION_LIFE))
        self._sessions.add(life)
        return cookie

    def sign_out(self, cookie: str) -> bool:
        return self._sessions.remove(secret_digest(cookie))

    def session_grant(self, cookie: str) -> Grant | None:
        """What the token behind a session allows, as long as both live."""
        session = self._sessions.find(secret_digest(cookie))
        if session is None or session.expires_at <= self._now():
            return None
        token = self._tokens.find(session.token)
        if token is None or not token.is_live(self._now()):
            return None
        return grant_of(token)

    def _remember(self, token: str) -> None:
        now = time.monotonic()
        if now - self._touched.get(token, -TOUCH_S) >= TOUCH_S:
            self._touched[token] = now
            self._tokens.touch(token, self._now())


def csrf_of(cookie: str) -> str:
    """The word that a page must show beside its cookie; only who may read our answers can know it."""
    return secret_digest(f"csrf:{cookie}")


def _later(life: timedelta) -> str:
    moment = datetime.now(UTC) + life
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write_private(path: Path, text: str) -> None:
    """A file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    os.replace(part, path)
