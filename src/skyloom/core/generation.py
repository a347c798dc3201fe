"""The two generations of the old product: they spell some columns and measures in different ways."""

from __future__ import annotations

from skyloom.core.parameter import Parameter

CLASSIC, DESIGNER = "Classic", "Designer"

# A module that spells its output in both ways has this very parameter. A graph that has a parameter of the
# same name sets it for all of them at once; a value on the node wins (decision 0010).
GENERATION = Parameter(
    "Generation",
    "choice",
    CLASSIC,
    choices=(CLASSIC, DESIGNER),
    doc="How output columns are spelled: as Studio (classic) does, or as Designer. "
    "A graph parameter of this name sets it for every module that has it.",
)


def is_generation(parameter: Parameter) -> bool:
    """Whether a module's parameter is this one; a stored module may tell it in other words."""
    return (parameter.name, parameter.choices) == (GENERATION.name, GENERATION.choices)
