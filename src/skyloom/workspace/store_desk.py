"""Datastores of a workspace as people see them: marks, tests, one level of folders. No secret leaves here."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from skyloom.core.data_reference import BLOB_STORE, DEFAULT_DATASTORES, DataReference
from skyloom.core.datastore import DATABASES, Datastore
from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError
from skyloom.core.store_view import DatastoreView, StoreLevel, StoreTest
from skyloom.stores.datastore_query import query_rows
from skyloom.stores.datastores import Datastores
from skyloom.stores.datastores_folder import checked_path

_DEFAULT = "default_datastore"  # the workspace's fact that names it, as the SDK writes it
_MOST_ITEMS = 1000


class StoreDesk:
    """Implements core.store_view.StoresApi."""

    def __init__(
        self,
        stores: Datastores,
        facts: Callable[[], Mapping[str, Json]],
        change_facts: Callable[[Mapping[str, Json]], object],
    ) -> None:
        self._stores = stores
        self._facts = facts
        self._change_facts = change_facts

    def all(self) -> Sequence[DatastoreView]:
        default = str(self._facts().get(_DEFAULT) or BLOB_STORE)
        return [self._view(store, default) for store in self._stores.all()]

    def register(
        self, store: Datastore, secrets: Mapping[str, str], overwrite: bool, create: bool
    ) -> DatastoreView:
        kept = self._stores.register(store, secrets, overwrite, True, create)
        return self._view(kept, str(self._facts().get(_DEFAULT) or BLOB_STORE))

    def unregister(self, name: str) -> None:
        self._stores.unregister(name)
        if self._facts().get(_DEFAULT) == name:
            self._change_facts({_DEFAULT: BLOB_STORE})

    def make_default(self, name: str) -> None:
        self._change_facts({_DEFAULT: self._stores.find(name).name})

    def test(self, name: str) -> StoreTest:
        store = self._stores.find(name)
        begun = time.monotonic()
        try:
            self._try(store)
        except ProblemError as error:
            hide = self._stores.words.hide
            return StoreTest(False, round(time.monotonic() - begun, 3), hide(str(error.problem)))
        return StoreTest(True, round(time.monotonic() - begun, 3))

    def level(self, name: str, path: str) -> StoreLevel:
        self._stores.find(name)
        place = DataReference(name, path)
        items = sorted(self._stores.level(place), key=lambda item: (not item.is_folder, item.name))
        return StoreLevel(checked_path(place), tuple(items[:_MOST_ITEMS]), max(0, len(items) - _MOST_ITEMS))

    def _try(self, store: Datastore) -> None:
        if store.kind not in DATABASES:
            self._stores.reach(store.name)
            return
        with tempfile.TemporaryDirectory() as folder:
            query_rows(self._stores, store.name, "SELECT 1 AS one", Path(folder, "one"), timeout_s=15)

    def _view(self, store: Datastore, default: str) -> DatastoreView:
        return DatastoreView(
            store.name,
            store.kind,
            store.settings,
            self._stores.words.hide(_where(store)),
            store.name == default,
            store.name in DEFAULT_DATASTORES,
            bool(self._stores.book.secrets(store.name)) if store.name not in DEFAULT_DATASTORES else False,
            store.kind not in DATABASES,
        )


def _where(store: Datastore) -> str:
    told = store.settings
    if store.name in DEFAULT_DATASTORES:
        return ""
    if store.kind in ("LocalFolder", "Sqlite"):
        return told.get("path", "")
    if store.kind == "S3":
        return f"s3://{told.get('bucket', '')}"
    if "server_name" in told:
        return f"{told['server_name']}/{told.get('database_name', '')}"
    return "/".join(part for part in (told.get("account_name"), told.get("container_name")) if part)
