"""Mini-batches: files of folders, or rows of tables, cut up as the settings say. Source: sdk.md 12."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from skyloom.runner.steps.parallel.settings import Settings


class Batch(NamedTuple):
    """What one call of ``run`` gets: paths, or a DataFrame."""

    number: int
    data: Any
    size: int  # files or rows
    keys: Optional[Dict[str, Any]]  # values of the partition keys
    input_name: str


def batches_of(settings: Settings, known: Dict[str, Any]) -> List[Batch]:
    """Every mini-batch of every input, in order.

    ``known`` are the inputs that the run knows as datasets, by name; one that can give a table is cut into
    rows, every other is a path whose files are listed.

    Raises
    ------
    ValueError
        Partition keys are asked of what has none.
    """
    found: List[Batch] = []
    for name, path in settings.inputs:
        dataset = known.get(name)
        if hasattr(type(dataset), "to_pandas_dataframe"):  # of its class: the object explains every name
            table: Any = dataset
            parts = _rows(table.to_pandas_dataframe(), settings)
        else:
            parts = _files(str(dataset) if isinstance(dataset, str) else path, name, settings, dataset)
        for data, size, keys in parts:
            found.append(Batch(len(found), data, size, keys, name))
    return found


def files_below(path: str) -> List[str]:
    """A file itself, or every file below a folder, sorted."""
    if not os.path.isdir(path):
        return [path] if os.path.exists(path) else []
    return sorted(os.path.join(parent, one) for parent, _, names in os.walk(path) for one in names)


def _files(path: str, name: str, settings: Settings, dataset: Any) -> Iterator[Any]:
    placed = getattr(dataset, "_files", None)  # of a dataset that the run knows: place in its store, and path
    files = [local for _, local in placed] if placed is not None else files_below(path)
    if settings.partition_keys and placed is not None:
        yield from _dataset_partitions(dataset, name, placed, settings.partition_keys)
        return
    if settings.partition_keys:
        yield from _partitions(path, name, files, settings.partition_keys)
        return
    step = settings.files_in_batch()
    for start in range(0, len(files), step):
        part = files[start : start + step]
        yield part, len(part), None


def _partitions(path: str, name: str, files: List[str], keys: List[str]) -> Iterator[Any]:
    """Files whose folders have the same first names: one folder level for each key.

    A level may be written ``key=value``; then its value counts.
    """
    groups: Dict[Any, List[str]] = {}
    for file in files:
        levels = os.path.relpath(file, path).split(os.sep)[:-1]
        if len(levels) < len(keys):
            raise ValueError(
                f"The file '{os.path.relpath(file, path)}' of input '{name}' lies in {len(levels)} folders; "
                f"the partition keys {keys} need {len(keys)}."
            )
        named = dict(level.split("=", 1) for level in levels if "=" in level)
        values = tuple(named.get(key, level) for key, level in zip(keys, levels))
        groups.setdefault(values, []).append(file)
    for values, part in groups.items():
        yield part, len(part), dict(zip(keys, values))


def _dataset_partitions(dataset: Any, name: str, placed: List[Any], keys: List[str]) -> Iterator[Any]:
    """Files of a dataset whose paths have the same values in its partition format."""
    text = str(dataset._definition.get("partition_format") or "")
    from skyloom.data.partition_format import PartitionFormat  # not where nothing is partitioned

    pattern = PartitionFormat(text)
    groups: Dict[Any, List[str]] = {}
    for place, local in placed:
        values = pattern.values("/" + place.partition("/")[2]) or {}
        lost = [key for key in keys if key not in values]
        if lost:
            raise ValueError(f"The file '{place}' of input '{name}' gives no value for the key '{lost[0]}'.")
        groups.setdefault(tuple(values[key] for key in keys), []).append(local)
    for found, part in groups.items():
        yield part, len(part), dict(zip(keys, found))


def _rows(frame: Any, settings: Settings) -> Iterator[Any]:
    keys = settings.partition_keys
    if keys:
        lost = [key for key in keys if key not in frame.columns]
        if lost:
            raise ValueError(f"The table has no column '{lost[0]}' to partition by.")
        for values, part in frame.groupby(keys, sort=True):
            row = values if isinstance(values, tuple) else (values,)
            yield part.reset_index(drop=True), len(part), dict(zip(keys, row))
        return
    total = int(frame.memory_usage(index=False, deep=True).sum()) or 1
    step = max(1, len(frame) * settings.bytes_in_batch() // total)
    for start in range(0, len(frame), step):
        part = frame.iloc[start : start + step].reset_index(drop=True)
        yield part, len(part), None
