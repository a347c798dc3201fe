"""PipelineData: the promise of what a step will write, and the bindings by which steps refer to it.

Source: sdk.md 7.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from skyloom.sdk.data_reference import VARIABLE, DataReference
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.datastore import Datastore
    from skyloom.sdk.pipeline_output_dataset import PipelineOutputFileDataset
    from skyloom.sdk.steps.pipeline_step import PipelineStep

_WORD = re.compile(r"\w+", re.ASCII)
INPUT_MODES = ("mount", "download", "direct", "hdfs")
OUTPUT_MODES = ("mount", "upload", "hdfs", "link")


class PipelineData:
    """Data that one step writes and others read; a file or a folder, as the step likes.

    Raises
    ------
    ValueError
        A name holds other than letters, digits and '_', or the mode is none.
    """

    def __init__(
        self,
        name: str,
        datastore: Datastore | None = None,
        output_name: str | None = None,
        output_mode: str = "mount",
        output_path_on_compute: str | None = None,
        output_overwrite: bool | None = None,
        data_type: str | None = None,
        is_directory: bool | None = None,
        pipeline_output_name: str | None = None,
        training_output: Any = None,
    ) -> None:
        for given in (name, output_name):
            if given is not None and not _WORD.fullmatch(given):
                raise ValueError(
                    f"PipelineData name {given!r} is not valid: only letters, digits and '_' may stand in it."
                )
        if output_mode not in ("mount", "upload"):
            raise ValueError(f"output_mode is 'mount' or 'upload', not {output_mode!r}.")
        self.name = name
        self.datastore = datastore
        self.output_name = output_name or name
        self.output_mode = output_mode
        self.output_path_on_compute = output_path_on_compute
        self.output_overwrite = output_overwrite
        self.data_type = data_type
        self.is_directory = is_directory
        self.pipeline_output_name = pipeline_output_name
        self.training_output = training_output
        self.producer: PipelineStep | None = None
        self.input_name: str | None = None  # as an input, where it is not called as the output
        self.is_unnamed = False  # its producer gives it a name
        self.is_given_as_dataset = False  # its producer's outputs hold as_dataset() of it

    # where code asks a binding and a PipelineData alike

    @property
    def _data(self) -> PipelineData:
        return self

    def set_producer(self, step: PipelineStep) -> None:
        """Say which step writes this; ValueError when another does already."""
        if self.producer is not None and self.producer is not step:
            raise ValueError(
                f"PipelineData '{self.name}' is an output of step '{self.producer.name}' already; "
                f"step '{step.name}' needs one of its own."
            )
        self.producer = step

    _set_producer = set_producer

    def as_download(
        self,
        input_name: str | None = None,
        path_on_compute: str | None = None,
        overwrite: bool | None = None,
    ) -> InputPortBinding:
        return self.create_input_binding(input_name, "download", path_on_compute, overwrite)

    def as_mount(self, input_name: str | None = None) -> InputPortBinding:
        return self.create_input_binding(input_name, "mount")

    def as_input(self, input_name: str) -> InputPortBinding:
        return self.create_input_binding(input_name)

    def create_input_binding(
        self,
        input_name: str | None = None,
        mode: str | None = None,
        path_on_compute: str | None = None,
        overwrite: bool | None = None,
    ) -> InputPortBinding:
        return InputPortBinding(input_name or self.name, self, mode or "mount", path_on_compute, overwrite)

    def as_dataset(self) -> PipelineOutputFileDataset:
        """The data as a dataset; the producer's outputs must hold what this gives."""
        from skyloom.sdk.pipeline_output_dataset import PipelineOutputFileDataset

        return PipelineOutputFileDataset(self)

    def get_env_variable_name(self) -> str:
        return str(self)[1:]

    def __str__(self) -> str:
        return VARIABLE + self.output_name

    def __repr__(self) -> str:
        return str(self)


class InputPortBinding:
    """How a step takes in a PipelineData, a DataReference or an earlier run's output."""

    def __init__(
        self,
        name: str | None = None,
        bind_object: Any = None,
        bind_mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool | None = None,
        is_resource: bool = False,
        additional_transformations: Any = None,
        **_: Any,
    ) -> None:
        if bind_mode not in INPUT_MODES:
            raise ValueError(f"bind_mode of an input is one of {', '.join(INPUT_MODES)}, not {bind_mode!r}.")
        self.name = name or _name_of(bind_object)
        if not _WORD.fullmatch(self.name):
            raise ValueError(f"Input name {self.name!r} may hold only letters, digits and '_'.")
        self.bind_object = bind_object
        self.bind_mode = bind_mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite
        self.is_resource = is_resource

    def as_resource(self) -> InputPortBinding:
        self.is_resource = True
        return self

    def get_bind_object_data_type(self) -> str:
        return "AnyDirectory"

    def __str__(self) -> str:
        return VARIABLE + self.name

    __repr__ = __str__


class OutputPortBinding:
    """How a step gives out something: the explicit form of a PipelineData."""

    def __init__(
        self,
        name: str | None = None,
        datastore: Datastore | None = None,
        output_name: str | None = None,
        bind_mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool | None = None,
        data_type: str | None = None,
        is_directory: bool | None = None,
        pipeline_output_name: str | None = None,
        training_output: Any = None,
        **_: Any,
    ) -> None:
        if bind_mode not in OUTPUT_MODES:
            raise ValueError(
                f"bind_mode of an output is one of {', '.join(OUTPUT_MODES)}, not {bind_mode!r}."
            )
        if bind_mode in ("hdfs", "link"):
            refuse(f"OutputPortBinding(bind_mode={bind_mode!r})", "Use mount or upload.")
        self._data = PipelineData(
            name or output_name or "output",
            datastore,
            output_name,
            bind_mode,
            path_on_compute,
            overwrite,
            data_type,
            is_directory,
            pipeline_output_name,
            training_output,
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._data, name)

    def __str__(self) -> str:
        return str(self._data)

    __repr__ = __str__


def _name_of(bound: Any) -> str:
    if isinstance(bound, DataReference):
        return bound.data_reference_name
    name = getattr(bound, "name", None)
    return name if isinstance(name, str) else "input"
