"""SealedFiles: small files that only machines with the workspace's key can read."""

from __future__ import annotations

import base64
import hashlib
import json

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.small_files import Change, SmallFiles

WORKSPACE_KEY = "SKYLOOM_WORKSPACE_KEY"
_FIELD = "sealed"


class SealedFiles:
    """Each file is one sealed text (Fernet: AES and HMAC) in ``files``; implements SmallFiles.

    Parameters
    ----------
    key
        Any text that nobody guesses; every machine of the workspace has the same.
    salt
        The workspace's id: the same key seals differently in another workspace.

    Raises
    ------
    ProblemError
        C153: the package that seals is missing.
    """

    def __init__(self, files: SmallFiles, key: str, salt: str) -> None:
        try:
            from cryptography.fernet import Fernet
        except ImportError:
            fix = "pip install 'skyloom[postgresql]' on this machine."
            raise ProblemError(
                Problem("C153", "Secrets cannot be sealed here.", WORKSPACE_KEY, fix)
            ) from None
        self._files = files
        made = hashlib.scrypt(key.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32)
        self._seal = Fernet(base64.urlsafe_b64encode(made))

    def read(self, name: str) -> dict[str, Json]:
        return self._opened(name, self._files.read(name))

    def change(self, name: str, change: Change) -> dict[str, Json]:
        after: dict[str, Json] = {}

        def sealed(kept: dict[str, Json]) -> dict[str, Json]:
            nonlocal after
            before = self._opened(name, kept)
            after = change(dict(before))
            if after == before:
                return kept
            return {_FIELD: self._seal.encrypt(json.dumps(after).encode()).decode("ascii")}

        self._files.change(name, sealed)
        return after

    def names(self, folder: str) -> list[str]:
        return self._files.names(folder)

    def _opened(self, name: str, kept: dict[str, Json]) -> dict[str, Json]:
        from cryptography.fernet import InvalidToken

        text = kept.get(_FIELD)
        if not isinstance(text, str):
            return {}
        try:
            found = json.loads(self._seal.decrypt(text.encode("ascii")))
        except InvalidToken:
            what = "The workspace's secrets were sealed with another key than this machine has."
            fix = f"Give every machine of the workspace the same {WORKSPACE_KEY}."
            raise ProblemError(Problem("C153", what, name, fix)) from None
        assert isinstance(found, dict)
        return found
