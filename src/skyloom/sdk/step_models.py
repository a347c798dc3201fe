"""Registered models that a step names: they are brought into its box as inputs. Source: sdk.md 11.

A step cannot reach the workspace, so what ``Model.get_model_path`` may be asked for is known before: every
model whose name stands in the step's arguments, or as a text in its source. A new version of it is another
input, and the step is not reused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from skyloom.core.registry import Entry
from skyloom.runner.step_models import MODELS_VARIABLE, PORT
from skyloom.sdk.step_source import step_source
from skyloom.sdk.steps.python_script import SourceStep

_ASKS = re.compile(r"\bget_model_path\b|\bModel\s*\(|\bModel\.list\b")
_MOST_VERSIONS = 5


def named_models(step: SourceStep, folder: str, known: Sequence[Entry]) -> list[Entry]:
    """Versions that the step may ask for: the newest of each name, and some more where it names a version."""
    if not known:
        return []
    source = step_source(step, folder)
    if not source.asks(_ASKS):
        return []
    found: list[Entry] = []
    for name in dict.fromkeys(entry.name for entry in known):
        if source.names(name):
            versions = [entry for entry in known if entry.name == name]
            found += versions[-_MOST_VERSIONS:] if "version" in source.text else versions[-1:]
    return found


def port_of(place: int) -> str:
    """Name of the input port of a model."""
    return f"{PORT}{place}"


def models_variable(entries: Iterable[Entry]) -> tuple[str, str]:
    """What the step is told of them, as an environment variable."""
    told = [
        {
            "port": port_of(place),
            "name": entry.name,
            "version": entry.version,
            "item": entry.body["item"],
            "tags": entry.body.get("tags") or {},
            "properties": entry.body.get("properties") or {},
        }
        for place, entry in enumerate(entries)
    ]
    return MODELS_VARIABLE, json.dumps(told)
