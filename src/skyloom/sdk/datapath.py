"""DataPath and DataPathComputeBinding: a place as the value of a pipeline's parameter. Source: sdk.md 5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyloom.core.data_reference import DataReference as Place
from skyloom.core.data_value import data_value
from skyloom.core.identity import Json, digest_of
from skyloom.sdk.data_reference import MODES, DataReference
from skyloom.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from skyloom.sdk.datastore import Datastore
    from skyloom.sdk.pipeline_parameter import PipelineParameter


class DataPath:
    """A place of a datastore, without the way in which a step gets it."""

    def __init__(
        self,
        datastore: Datastore | None = None,
        path_on_datastore: str | None = None,
        name: str | None = None,
    ) -> None:
        if datastore is None:
            raise UserErrorException("A DataPath needs a datastore.")
        self.datastore = datastore
        self.path_on_datastore = path_on_datastore
        self.name = name or f"{datastore.name}_{digest_of(path_on_datastore)[7:15]}"

    @property
    def datastore_name(self) -> str:
        return self.datastore.name

    def create_data_reference(
        self,
        data_reference_name: str | None = None,
        datapath_compute_binding: DataPathComputeBinding | None = None,
    ) -> DataReference:
        """The place as an input of a step."""
        binding = datapath_compute_binding or DataPathComputeBinding()
        return DataReference(
            self.datastore,
            data_reference_name or self.name,
            self.path_on_datastore,
            binding.mode,
            binding.path_on_compute,
            binding.overwrite,
        )

    def as_json(self) -> dict[str, Json]:
        """The value of a parameter."""
        return data_value(Place(self.datastore.name, (self.path_on_datastore or "").strip("/")))

    def __repr__(self) -> str:
        return f"DataPath({self.datastore.name!r}, {self.path_on_datastore!r})"


class DataPathComputeBinding:
    """How a step gets a DataPath: mount, download or upload."""

    def __init__(
        self, mode: str = "mount", path_on_compute: str | None = None, overwrite: bool = False
    ) -> None:
        if mode not in MODES:
            raise UserErrorException(f"A binding's mode is one of {', '.join(MODES)}, not {mode!r}.")
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite


class DataPathInput:
    """A parameter with a DataPath, bound: the input that the old tuple of the two makes."""

    def __init__(self, parameter: PipelineParameter, binding: DataPathComputeBinding) -> None:
        self.parameter = parameter
        self.binding = binding

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def mode(self) -> str:
        return self.binding.mode

    @property
    def path_on_compute(self) -> str | None:
        return self.binding.path_on_compute
