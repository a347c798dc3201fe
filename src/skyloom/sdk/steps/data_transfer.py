"""DataTransferStep: a copy from one place to another, whatever stores they are in. Source: sdk.md 12."""

from __future__ import annotations

from typing import Any, Literal

from skyloom.sdk.data_reference import SqlDataReference
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.steps.pipeline_step import PipelineStep, data_of
from skyloom.sdk.steps.python_script import target_name

OUTPUT = "_data_transfer_output"
_LAYOUTS: dict[str | None, Literal["file", "folder"] | None] = {
    None: None,
    "file": "file",
    "directory": "folder",
}


class DataTransferStep(PipelineStep):
    """Copies files, or the rows of a query as CSV.

    Parameters
    ----------
    source_data_reference
        A DataReference, a SqlDataReference, or what an earlier step writes.
    destination_data_reference
        A DataReference (or a DataPath), or a PipelineData whose datastore takes the copy.
    source_reference_type, destination_reference_type
        ``file`` or ``directory``; without them the source decides.

    Raises
    ------
    ValueError
        A reference is missing, is a database where files belong, or a type is none.
    """

    def __init__(
        self,
        name: str,
        source_data_reference: Any = None,
        destination_data_reference: Any = None,
        compute_target: Any = None,
        source_reference_type: str | None = None,
        destination_reference_type: str | None = None,
        allow_reuse: bool = True,
    ) -> None:
        for label, kind in (
            ("source_reference_type", source_reference_type),
            ("destination_reference_type", destination_reference_type),
        ):
            if kind not in _LAYOUTS:
                raise ValueError(f"{label} is 'file' or 'directory', not {kind!r}.")
        if source_data_reference is None or destination_data_reference is None:
            raise ValueError(f"Step '{name}' needs source_data_reference and destination_data_reference.")
        if isinstance(destination_data_reference, SqlDataReference):
            raise ValueError(f"Step '{name}': rows are copied out of databases, not into them.")
        made = data_of(destination_data_reference)
        self.destination_path = ""  # a place of its own below azureml/, as of any output
        if made is None:
            if not hasattr(destination_data_reference, "path_on_datastore"):
                kind_name = type(destination_data_reference).__name__
                raise ValueError(f"Step '{name}': {kind_name} cannot be a destination.")
            self.destination_path = (destination_data_reference.path_on_datastore or "").strip("/") or "."
            made = PipelineData(
                f"{name}_output".translate(_WORDS), destination_data_reference.datastore, OUTPUT
            )
        self._output = made
        self.source_layout = _LAYOUTS[source_reference_type]
        self.target_layout = _LAYOUTS[destination_reference_type]
        self.compute_target = target_name(compute_target)
        self.allow_reuse = bool(allow_reuse)
        super().__init__(name, [source_data_reference], [made])

    @property
    def source(self) -> Any:
        """The one input."""
        return self.inputs[0]

    def get_output(self) -> PipelineData:
        """What the step copied, as an input of later steps."""
        return self._output


class _Words(dict[int, str]):
    """Letters that a name may not have become '_'."""

    def __missing__(self, letter: int) -> str:
        return chr(letter) if chr(letter).isalnum() and letter < 128 else "_"


_WORDS = _Words()
