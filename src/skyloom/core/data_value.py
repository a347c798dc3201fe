"""Values of parameters that stand for data: a place, or a saved dataset. Source: sdk.md 7, 15."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.data_reference import DEFINITION_STORE, DataReference
from skyloom.core.identity import Json


def data_value(place: DataReference) -> dict[str, Json]:
    """The value by which a place, or a dataset's definition, is kept with a graph or a run."""
    if place.datastore == DEFINITION_STORE:
        return {"dataset": place.path}
    return {"datastore": place.datastore, "path": place.path}


def place_of(value: Json) -> DataReference | None:
    """The place that a value means, in our spelling or in those of the old REST body; None: it is none.

    >>> place_of({"DataStoreName": "s", "RelativePath": "a/b"})
    DataReference(datastore='s', path='a/b')
    """
    if not isinstance(value, Mapping):
        return None
    for name in ("SavedDataSetReference", "DataSetReference", "LiteralValue"):
        if isinstance(value.get(name), Mapping):
            return place_of(value[name])
    id = value.get("dataset") or value.get("Id")
    if isinstance(id, str) and id:
        return DataReference(DEFINITION_STORE, id)
    store = value.get("datastore") or value.get("DataStoreName") or value.get("DatastoreName")
    path = next((value[name] for name in ("path", "RelativePath", "Path") if name in value), "")
    if isinstance(store, str) and store and isinstance(path, str):
        return DataReference(store, path.strip("/"))
    return None
