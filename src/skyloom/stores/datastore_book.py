"""The book of registered datastores: definitions in one small file, what opens them in another."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.data_reference import DEFAULT_DATASTORES
from skyloom.core.datastore import Datastore, is_datastore_name, missing_settings
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json, to_json
from skyloom.engine.ports import no_datastore
from skyloom.stores.secret_words import SecretWords
from skyloom.stores.small_files import SmallFiles

_FILE, _SECRET_FILE = "datastores", "secrets/datastores"


class DatastoreBook:
    """Two small files; secrets stand in the one of ``sealed`` alone, and in nothing that a client is sent.

    Parameters
    ----------
    files, sealed
        Where the definitions are kept, and what opens them.
    words
        Learns every secret, so that none is told.
    """

    def __init__(self, files: SmallFiles, sealed: SmallFiles, words: SecretWords) -> None:
        self._files = files
        self._sealed = sealed
        self._words = words
        for name in self._sealed.read(_SECRET_FILE):
            self.secrets(name)

    def all(self) -> list[Datastore]:
        return [from_json(Datastore, body) for _, body in sorted(self._files.read(_FILE).items())]

    def find(self, name: str) -> Datastore | None:
        body = self._files.read(_FILE).get(name)
        return None if body is None else from_json(Datastore, body)

    def secrets(self, name: str) -> Mapping[str, str]:
        body = self._sealed.read(_SECRET_FILE).get(name)
        found = {key: str(value) for key, value in body.items()} if isinstance(body, dict) else {}
        self._words.learn(found.values())
        return found

    def check(self, store: Datastore, secrets: Mapping[str, str], overwrite: bool) -> bool:
        """Whether there is something to keep; False when all of it is kept already.

        Raises
        ------
        ProblemError
            P230, P231, P232, P237.
        """
        self._words.learn(secrets.values())  # whatever goes wrong with it from here on
        if store.name in DEFAULT_DATASTORES:
            what = f"'{store.name}' belongs to every workspace."
            raise ProblemError(Problem("P237", what, store.name, "Register the store under another name."))
        if not is_datastore_name(store.name):
            what = f"{store.name!r} is no name for a datastore."
            fix = "Use letters, digits, '_' and '-', at most 255."
            raise ProblemError(Problem("P230", what, "datastore_name", fix))
        if any("\0" in value for value in store.settings.values()):
            raise ProblemError(
                Problem("P232", "A setting holds what no text does.", store.name, "Give words.")
            )
        lacking = list(missing_settings(store))
        if lacking:
            what = f"A datastore of kind {store.kind} needs {', '.join(lacking)}."
            raise ProblemError(Problem("P232", what, store.name, "Give every one of them."))
        known = self.find(store.name)
        if known is not None and not overwrite:
            if known != store or (secrets and dict(secrets) != self.secrets(store.name)):
                what = f"There is a datastore '{store.name}' with other settings."
                raise ProblemError(Problem("P231", what, store.name, "Pass overwrite=True to replace it."))
            return False
        return True

    def keep(self, store: Datastore, secrets: Mapping[str, str]) -> None:
        """Secrets first: nobody meets a store without what opens it."""
        kept: dict[str, Json] = dict(secrets)
        self._sealed.change(_SECRET_FILE, lambda all: _with(all, store.name, kept or None))
        self._files.change(_FILE, lambda all: _with(all, store.name, to_json(store)))

    def forget(self, name: str) -> None:
        """Take a store and its secrets out (R310, P237)."""
        if name in DEFAULT_DATASTORES:
            what = f"'{name}' belongs to every workspace and cannot be unregistered."
            raise ProblemError(Problem("P237", what, name, "Leave it, and use another."))

        def without(all: dict[str, Json]) -> dict[str, Json]:
            if name not in all:
                raise ProblemError(no_datastore(name))
            return _with(all, name, None)

        self._files.change(_FILE, without)
        self._sealed.change(_SECRET_FILE, lambda all: _with(all, name, None))


def _with(all: dict[str, Json], name: str, value: Json) -> dict[str, Json]:
    """The same with another value of a name; without it for None."""
    kept = {key: one for key, one in all.items() if key != name}
    return kept if value is None else {**kept, name: value}
