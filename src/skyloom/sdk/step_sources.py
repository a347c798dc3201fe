"""Where steps' programs come from: one snapshot for each source directory, and what a kind of step adds."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyloom.core.data_api import RegisteredDataset
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import Digest, digest_of_bytes
from skyloom.core.problem import ProblemError
from skyloom.core.registry import Entry
from skyloom.sdk.snapshot import Snapshot, take_snapshot
from skyloom.sdk.step_datasets import named_datasets
from skyloom.sdk.step_models import named_models
from skyloom.sdk.step_names import Named
from skyloom.sdk.step_secrets import named_secrets
from skyloom.sdk.steps.python_script import SourceStep

if TYPE_CHECKING:
    from skyloom.client.pipelines import PipelineWorkspace


class StepSources:
    """Snapshots of one submission; steps that share a directory share a snapshot.

    Parameters
    ----------
    folder_of
        The source directory of a step.
    send_to
        Where content is sent to; None when only digests are wanted.
    snapshots
        Those that were taken, by directory; filled here.
    memory
        Where what files looked like is remembered; None: nowhere.
    """

    def __init__(
        self,
        folder_of: Callable[[SourceStep], str],
        send_to: PipelineWorkspace | None,
        snapshots: dict[str, Snapshot],
        memory: str | None = None,
    ) -> None:
        self._folder_of = folder_of
        self._send_to = send_to
        self._snapshots = snapshots
        self._memory = memory
        self._models: list[Entry] | None = None
        self._datasets: list[RegisteredDataset] | None = None
        self._secrets: list[str] | None = None

    def named(self, step: SourceStep) -> Named:
        """Everything that the step names; nothing where nothing is sent."""
        return Named(self.models(step), self.datasets(step), self.secrets(step))

    def models(self, step: SourceStep) -> list[Entry]:
        """Registered models that the step names; none where nothing is sent."""
        if self._send_to is None or step.snapshot is not None or not step.has_source:
            return []
        if self._models is None:
            self._models = self._send_to.entries("models")
        return named_models(step, os.path.abspath(self._folder_of(step)), self._models)

    def datasets(self, step: SourceStep) -> list[RegisteredDataset]:
        """Registered datasets that the step names; none where nothing is sent."""
        if self._send_to is None or step.snapshot is not None:
            return []
        if self._datasets is None:
            newest = self._send_to.registered_datasets()
            self._datasets = [
                one for known in newest for one in self._send_to.registered_datasets(known.name)
            ]
        return named_datasets(step, os.path.abspath(self._folder_of(step)), self._datasets)

    def secrets(self, step: SourceStep) -> list[str]:
        """Names of secrets that the step asks for; none where nothing is sent."""
        if self._send_to is None or step.snapshot is not None:
            return []
        if self._secrets is None:
            try:
                self._secrets = self._send_to.secret_names()
            except ProblemError:  # a server elsewhere, whose secrets are not ours to know
                self._secrets = []
        return named_secrets(step, os.path.abspath(self._folder_of(step)), self._secrets)

    def digest(self, step: SourceStep) -> Digest:
        """What the step's entry names."""
        if step.snapshot is not None:
            return step.snapshot
        if not step.has_source:
            return self._extended(Folder((), ()), step.added_files())
        folder = os.path.abspath(self._folder_of(step))
        if folder not in self._snapshots:
            self._snapshots[folder] = take_snapshot(folder, self._memory)
            if self._send_to is not None:
                self._snapshots[folder].send(self._send_to)
        taken = self._snapshots[folder]
        added = step.added_files()
        if not added:
            return taken.digest
        return self._extended(taken.folder, added)

    def _extended(self, base: Folder, added: Mapping[str, bytes]) -> Digest:
        extended = Extended(base, added)
        if self._send_to is not None:
            extended.send(self._send_to)
        return extended.digest


@dataclass(frozen=True)
class Extended:
    """A snapshot's files, which are sent already, and some more by their content."""

    base: Folder
    added: Mapping[str, bytes]

    @property
    def folder(self) -> Folder:
        """Both together; an added file stands in place of one of its name."""
        kept = [file for file in self.base.files if file.path not in self.added]
        more = [FolderFile(path, digest_of_bytes(text), len(text)) for path, text in self.added.items()]
        return Folder(tuple(sorted([*kept, *more])), self.base.folders)

    @property
    def digest(self) -> Digest:
        return digest_of_bytes(self.folder.as_bytes())

    def send(self, api: PipelineWorkspace) -> None:
        """Send the added files and the list."""
        if not api.missing([self.digest]):
            return
        for path, text in self.added.items():
            api.upload(io.BytesIO(text), os.path.basename(path), "File")
        api.keep_folder(self.folder, "snapshot")
