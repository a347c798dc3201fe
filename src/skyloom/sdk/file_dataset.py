"""FileDataset: files of datastores and of the web, as they are. Source: sdk.md 6."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

from skyloom.core.data_api import DatasetFile
from skyloom.core.dataset_definition import with_step
from skyloom.sdk.abstract_dataset import AbstractDataset
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.unbuilt import refuse


class FileDataset(AbstractDataset):
    """A list of files that is made when somebody asks for it."""

    def to_path(self) -> list[str]:
        """Each file's path in its store, beginning with '/'."""
        return ["/" + one.path for one in self._files()]

    def download(
        self, target_path: str | None = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> list[str]:
        """Copy the files to a folder (None: a new one), with their paths in the store below it.

        Raises
        ------
        UserErrorException
            A file is there already and not ``overwrite``; nothing is there to copy.
        """
        folder = os.path.abspath(target_path) if target_path else tempfile.mkdtemp()
        files = self._files()
        if not files and not ignore_not_found:
            raise UserErrorException("The dataset leads to no files.")
        made = []
        for one in files:
            target = os.path.join(folder, *one.path.split("/"))
            if os.path.exists(target) and not overwrite:
                raise UserErrorException(f"'{target}' is there already; pass overwrite=True to replace it.")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(one.local, target)
            made.append(target)
        return made

    def mount(self, mount_point: str | None = None, **_: Any) -> MountContext:
        """A folder with the files in it, between ``start`` and ``stop`` or for the length of a block."""
        return MountContext(self, mount_point)

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        return DatasetConsumptionConfig(None, self, "mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        return DatasetConsumptionConfig(None, self, "download", path_on_compute)

    def as_hdfs(self) -> DatasetConsumptionConfig:
        return DatasetConsumptionConfig(None, self, "hdfs")

    def take(self, count: int) -> FileDataset:
        return self._another(with_step(self._definition, "take", int(count)))

    def skip(self, count: int) -> FileDataset:
        return self._another(with_step(self._definition, "skip", int(count)))

    def take_sample(self, probability: float, seed: int | None = None) -> FileDataset:
        return self._another(with_step(self._definition, "sample", float(probability), _seed(seed)))

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[FileDataset, FileDataset]:
        """Two datasets; each file is in the first with this probability, else in the second."""
        chosen = _seed(seed)
        first, second = (
            self._another(with_step(self._definition, "split", float(percentage), chosen, part))
            for part in (0, 1)
        )
        return first, second

    def get_partition_key_values(self, partition_keys: list[str] | None = None) -> list[dict[str, Any]]:
        """Each combination of values that the paths of its files have."""
        from skyloom.data.partition_format import PartitionFormat

        pattern = PartitionFormat(str(self._definition.get("partition_format") or ""))
        wanted = partition_keys or pattern.names
        found: list[dict[str, Any]] = []
        for path in self.to_path():
            values = pattern.values(path)
            if values is not None:
                row = {key: values[key] for key in wanted if key in values}
                if row not in found:
                    found.append(row)
        return found

    def filter(self, expression: Any) -> FileDataset:
        refuse("FileDataset.filter", "Name the files with a pattern in from_files.")

    def _files(self) -> tuple[DatasetFile, ...]:
        files: tuple[DatasetFile, ...] = self._told(lambda: self._api.dataset_files(self._definition)).files
        return files


class MountContext:
    """What ``FileDataset.mount`` gives; the files are copies, so that writing to them changes nothing."""

    def __init__(self, dataset: FileDataset, mount_point: str | None) -> None:
        self._dataset = dataset
        self._is_ours = mount_point is None
        self.mount_point = mount_point or tempfile.mkdtemp(prefix="mount-")

    def start(self) -> None:
        self._dataset.download(self.mount_point, overwrite=True, ignore_not_found=True)

    def stop(self) -> None:
        """Take a folder that was made for it away again; one that was named is left."""
        if self._is_ours:
            shutil.rmtree(self.mount_point, ignore_errors=True)

    def __enter__(self) -> MountContext:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _seed(seed: int | None) -> int:
    return random.SystemRandom().randrange(2**31) if seed is None else int(seed)


def file_definition(sources: list[dict[str, Any]], partition_format: str | None) -> Mapping[str, Any]:
    """A definition of kind file."""
    more = {"partition_format": partition_format} if partition_format else {}
    return {"kind": "file", "sources": sources, **more}
