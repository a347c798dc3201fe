"""Registered datasets that a step names: they are brought into its box as inputs. Source: sdk.md 11.

As models are (step_models.py): ``Dataset.get_by_name`` inside a step finds what stands as a name in the
step's arguments or source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from skyloom.core.data_api import RegisteredDataset
from skyloom.core.step_words import DATASET_PORT, DATASETS_VARIABLE
from skyloom.sdk.step_source import step_source
from skyloom.sdk.steps.python_script import SourceStep

_ASKS = re.compile(r"\bget_by_name\b|\bget_by_id\b|\b(?:ws|\w*workspace)\.datasets\b|\bDataset\.get\b")
_MOST_VERSIONS = 5


def named_datasets(
    step: SourceStep, folder: str, known: Sequence[RegisteredDataset]
) -> list[RegisteredDataset]:
    """Versions that the step may ask for: the newest of each name, and some more where it names a version."""
    if not known:
        return []
    source = step_source(step, folder)
    if not source.asks(_ASKS):
        return []
    found: list[RegisteredDataset] = []
    for name in dict.fromkeys(one.name for one in known):
        if source.names(name):
            versions = sorted((one for one in known if one.name == name), key=lambda one: -one.version)
            found += versions[:_MOST_VERSIONS] if "version" in source.text else versions[:1]
    return found


def dataset_port(place: int) -> str:
    """Name of the input port of a dataset."""
    return f"{DATASET_PORT}{place}"


def datasets_variable(found: Iterable[RegisteredDataset]) -> tuple[str, str]:
    """What the step is told of them, as an environment variable; the newest version of a name first."""
    told = [
        {
            "port": dataset_port(place),
            "name": one.name,
            "version": one.version,
            "description": one.description,
            "tags": dict(one.tags),
        }
        for place, one in enumerate(found)
    ]
    return DATASETS_VARIABLE, json.dumps(told)
