"""The key vault of a workspace: secrets by name. Source: sdk.md 4, Keyvault.

They are kept where what opens datastores is: for the owner alone, or sealed where a team shares them. They
stand in no record, no graph, no log and no error; a step is given those that it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.secret_words import SecretWords
from skyloom.stores.small_files import SmallFiles

_FILE = "secrets/keyvault"
_NAME = re.compile(r"[A-Za-z0-9-]{1,127}", re.ASCII)
_MOST_BYTES = 25_000  # of a secret, as Azure's vaults have it


class KeyVault:
    """One small file of ``sealed``; ``words`` learns every secret, so that none is told."""

    def __init__(self, sealed: SmallFiles, words: SecretWords) -> None:
        self._sealed = sealed
        self._words = words
        self._read()

    def names(self) -> list[str]:
        return sorted(self._read())

    def get(self, name: str) -> str:
        """A secret's value (W240)."""
        found = self._read().get(name)
        if found is None:
            raise ProblemError(_no_secret(name))
        return found

    def put(self, secrets: Mapping[str, str]) -> None:
        """Keep all of them, or none (W241)."""
        for name, value in secrets.items():
            if not _NAME.fullmatch(name) or len(value.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
                what = f"{name!r:.140} cannot be kept as a secret."
                fix = "Names are letters, digits and '-', at most 127; values have at most 25,000 bytes."
                raise ProblemError(Problem("W241", what, "name", fix))
        self._words.learn(secrets.values())
        self._sealed.change(_FILE, lambda known: {**known, **secrets})

    def forget(self, name: str) -> None:
        """Take a secret out (W240)."""

        def change(known: dict[str, Json]) -> dict[str, Json]:
            if name not in known:
                raise ProblemError(_no_secret(name))
            return {one: value for one, value in known.items() if one != name}

        self._sealed.change(_FILE, change)

    def _read(self) -> dict[str, str]:
        found = {name: str(value) for name, value in self._sealed.read(_FILE).items()}
        self._words.learn(found.values())
        return found


def _no_secret(name: str) -> Problem:
    what = f"There is no secret '{name}' in the key vault."
    return Problem("W240", what, name, "Keyvault.set_secret(name, value) puts one in.")
