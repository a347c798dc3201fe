"""PortDataReference: where an output of a run lies, to be downloaded or fed into another pipeline.

Source: sdk.md 13, StepRun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyloom.sdk.pipeline_data import InputPortBinding

if TYPE_CHECKING:
    from skyloom.sdk.datastore import Datastore


class PortDataReference:
    """A place in a datastore that a step wrote."""

    def __init__(self, name: str, datastore: Datastore, path_on_datastore: str) -> None:
        self.name = name
        self.datastore = datastore
        self.path_on_datastore = path_on_datastore

    @property
    def _path_on_datastore(self) -> str:
        """Under the name that notebooks read."""
        return self.path_on_datastore

    @property
    def datastore_name(self) -> str:
        return self.datastore.name

    def download(
        self, local_path: str, overwrite: bool | None = None, show_progress: bool | None = None
    ) -> int:
        """Copy the files below ``local_path``, with their whole path in the store; how many."""
        return self.datastore.download(
            local_path, self.path_on_datastore, bool(overwrite), show_progress is not False
        )

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

    def __repr__(self) -> str:
        return f"PortDataReference({self.name!r}, {self.datastore.name!r}, {self.path_on_datastore!r})"
