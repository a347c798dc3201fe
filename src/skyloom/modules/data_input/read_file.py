"""Read File: what adding a dataset does with the file, in a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, InputPort, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SPEC = ModuleSpec(
    name="Read File",
    version="v1.0",
    category="Internal",
    entry=FunctionEntry(f"{__name__}:run"),
    inputs=(InputPort("File", ("File",)),),
    outputs=(OutputPort("Dataset"),),
    parameters=(
        Parameter(
            "Format", "string", doc="Studio's type of the file, such as GenericCSV; empty: by the name."
        ),
        Parameter("Name", "string", "", doc="The file's name, whose ending tells the format."),
        Parameter("Columns", "json", None, doc="Columns whose types are known: [name, type, categories]."),
    ),
    doc="Reads a file as a dataset.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 3.1."""
    from skyloom.data.formats.detect import read_table
    from skyloom.data.formats.typed import read_typed
    from skyloom.modules.reading import said

    with said() as notices:
        if values["Columns"]:
            return {"Dataset": read_typed(inputs["File"], values["Name"], values["Columns"], notices)}
        return {
            "Dataset": read_table(
                inputs["File"], name=values["Name"] or None, format=values["Format"] or None, notices=notices
            )
        }
