"""Access: tokens that people and programs show, what each allows, and sessions of a browser.

Source: reliability.md 4.1, rows 1 and 2. A token reads ``aml_<id>_<secret>``; only the id and the SHA-256 of
the secret are kept. The secret is random, so a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

READ = "read"
SUBMIT = "submit"
ADMIN = "admin"
ENDPOINT = "endpoint:"  # followed by the id of one endpoint
PIPELINES = "pipelines:submit"  # start any published pipeline, and look at runs
PIPELINE = "pipeline:"  # followed by the id of one published pipeline or pipeline endpoint
_IMPLIED = {ADMIN: (SUBMIT, READ, PIPELINES), SUBMIT: (READ, PIPELINES)}
_FORM = re.compile(r"aml_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)
_DERIVED = re.compile(r"amx_([0-9a-f]{16})_([0-9]{1,12})_([0-9a-f]{64})", re.ASCII)
_ONE = re.compile(r"endpoint:[0-9a-f]{32}|pipeline:[0-9a-f-]{36}", re.ASCII)


@dataclass(frozen=True)
class Token:
    """What is kept of a token."""

    id: str
    digest: str  # SHA-256 of the secret, hex
    name: str
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None

    def is_live(self, now: str) -> bool:
        """Whether the token opens anything at ``now`` (UTC in ISO 8601, as ``utc_now`` writes it)."""
        return self.revoked_at is None and not self.is_expired(now)

    def is_expired(self, now: str) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def fits(self, secret: str) -> bool:
        """Whether this is the token's secret; takes the same time whatever differs."""
        return hmac.compare_digest(secret_digest(secret), self.digest)


@dataclass(frozen=True)
class Session:
    """A browser that showed a token. Its cookie is kept as a digest too, and ends with the token."""

    digest: str
    token: str  # id
    created_at: str
    expires_at: str


@dataclass(frozen=True)
class Grant:
    """Who asks, and what that one may do."""

    subject: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the scope is covered.

        >>> Grant("t", frozenset({"submit"})).may("read"), Grant("t", frozenset({"read"})).may("submit")
        (True, False)
        """
        return scope in self.scopes

    def may_call(self, endpoint: str) -> bool:
        """Whether this endpoint may be called: its own key, or a token that may submit work."""
        return self.may(SUBMIT) or self.may(ENDPOINT + endpoint)

    def may_start(self, pipeline: str = "") -> bool:
        """Whether this published pipeline or pipeline endpoint may be started; without an id, any of them."""
        if self.may(PIPELINES):
            return True
        wanted = PIPELINE + pipeline
        return any(scope == wanted or (not pipeline and scope.startswith(PIPELINE)) for scope in self.scopes)


def grant_of(token: Token) -> Grant:
    """What a token allows, with what its scopes include."""
    scopes = set(token.scopes)
    for scope in token.scopes:
        scopes.update(_IMPLIED.get(scope, ()))
    return Grant(token.id, frozenset(scopes))


def is_scope(text: str) -> bool:
    """read, submit, admin, pipelines:submit, endpoint:<id> or pipeline:<id>."""
    return text in (READ, SUBMIT, ADMIN, PIPELINES) or _ONE.fullmatch(text) is not None


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_hex(32)


def derived_text(token: Token, key: bytes, until: int) -> str:
    """A token that stands for another one until ``until`` (seconds since 1970) and is kept nowhere."""
    return f"amx_{token.id}_{until}_{_seal(token, key, until)}"


def split_derived(text: str) -> tuple[str, int, str] | None:
    """Id, end and seal of what looks like a derived token.

    >>> split_derived("amx_nonsense")
    """
    found = _DERIVED.fullmatch(text)
    return (found[1], int(found[2]), found[3]) if found else None


def is_sealed(token: Token, key: bytes, until: int, seal: str) -> bool:
    """Whether we made it; takes the same time whatever differs."""
    return hmac.compare_digest(_seal(token, key, until), seal)


def _seal(token: Token, key: bytes, until: int) -> str:
    return hmac.new(key, f"{token.id}:{token.digest}:{until}".encode(), "sha256").hexdigest()


def token_text(token_id: str, secret: str) -> str:
    return f"aml_{token_id}_{secret}"


def split_token(text: str) -> tuple[str, str] | None:
    """Id and secret of what looks like a token.

    >>> split_token("aml_nonsense")
    """
    found = _FORM.fullmatch(text)
    return (found[1], found[2]) if found else None


def secret_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
