"""Secrets of compute targets, in a small file that only the workspace's machines read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skyloom.core.identity import Json
from skyloom.stores.secret_words import SecretWords
from skyloom.stores.small_files import SmallFiles

_FILE = "secrets/computes"


class ComputeSecrets:
    """Target -> name -> secret; every secret is learned, so that none is told."""

    def __init__(self, sealed: SmallFiles, words: SecretWords) -> None:
        self._sealed = sealed
        self._words = words
        for target in sealed.read(_FILE):
            self.of(target)

    def of(self, target: str) -> dict[str, str]:
        found = _texts(self._sealed.read(_FILE).get(target))
        self._words.learn(found.values())
        return found

    def keep(self, found: Mapping[str, Mapping[str, str]], targets: Iterable[str]) -> None:
        """Add secrets to those that are known; those of targets that are gone are forgotten."""
        present = set(targets)
        for secrets in found.values():
            self._words.learn(secrets.values())

        def change(known: dict[str, Json]) -> dict[str, Json]:
            kept = {name: value for name, value in known.items() if name in present}
            for name, secrets in found.items():
                kept[name] = {**_texts(kept.get(name)), **secrets}
            return kept

        self._sealed.change(_FILE, change)


def _texts(body: Json) -> dict[str, str]:
    return {name: str(value) for name, value in body.items()} if isinstance(body, dict) else {}
