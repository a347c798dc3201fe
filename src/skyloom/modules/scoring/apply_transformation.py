"""Apply Transformation: what was fitted to one dataset, done to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort

SPEC = ModuleSpec(
    name="Apply Transformation",
    version="v2.0",
    category="Model Scoring & Evaluation",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("Transformation", ("ITransform",)), InputPort("Dataset")),
    outputs=(OutputPort("Transformed dataset"),),
    family="805e592d0f1f48eb97c9688ed0c1dc70",
    doc="Does to a dataset what a transformation remembers, such as that of Clean Missing Data.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 2.4. A transformation is any object with ``apply(table)``; it finds its columns by name.

    Raises
    ------
    ProblemError
        M0158 the object is no transformation; D010 and M0016 the dataset does not have its columns.
    """
    from skyloom.modules.studio_error import studio_error

    transformation = inputs["Transformation"]
    if not callable(getattr(transformation, "apply", None)):
        raise studio_error(
            158,
            f"The input is a {type(transformation).__name__}, not a transformation.",
            "Transformation",
            "Connect the transformation output of a module such as Clean Missing Data.",
        )
    return {"Transformed dataset": transformation.apply(inputs["Dataset"])}
