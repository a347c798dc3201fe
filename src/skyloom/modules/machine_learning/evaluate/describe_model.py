"""Describe Model: what Visualize tells of a model, in a box, because a stored model is a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Describe Model",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Model", ("Object", "File")),),
    outputs=(OutputPort("File", "File"),),
    doc="Tells the task, the settings and the weights of a model as JSON.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What models/description.py finds; a file of the user's that is no model here has no name."""
    import json

    from skyloom.modules.machine_learning.models.description import UNKNOWN, describe_model

    model = inputs["Model"]
    told = _of_file(model) if isinstance(model, str) else describe_model(model)
    return {"File": json.dumps(told or UNKNOWN, allow_nan=False).encode()}


def _of_file(path: str) -> Mapping[str, Any] | None:
    """What was kept with joblib or pickle; in a sandbox only, as with every stored object."""
    import joblib  # type: ignore[import-untyped]

    from skyloom.modules.machine_learning.models.description import describe_model

    try:
        return describe_model(joblib.load(path))
    except Exception:  # files raise what they like: when they are loaded, and when they are looked at
        return None
