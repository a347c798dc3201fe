"""``run.input_datasets`` of a step: what each dataset among its inputs is to the script.

A direct one is an object, a mounted or downloaded one its path. The agent has brought the files into the box
already; nothing is fetched from here. Source: sdk.md 11, Other variables.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.core.step_words import DATASET_PORT, RECORD_FOLDER
from skyloom.data.lazy_table import LazyTable

if TYPE_CHECKING:
    import pandas as pd

DATASETS_FILE = "datasets.json"


def input_datasets(work: str) -> Dict[str, Any]:
    """By the name of each input; the dict may be changed by the script."""
    told = told_datasets(work)
    return {name: _value(work, name, told[name]) for name in told if not name.startswith(DATASET_PORT)}


def output_datasets() -> Dict[str, Any]:
    """Paths of the outputs that are known as datasets."""
    names = os.environ.get("AZUREML_DATASET_FILE_OUTPUTS", "")
    return {name: os.environ[name] for name in names.split(";") if name and name in os.environ}


def told_datasets(work: str) -> Dict[str, Any]:
    """What the agent left of each dataset, by the name of its input."""
    try:
        with open(os.path.join(work, RECORD_FOLDER, DATASETS_FILE), encoding="utf-8") as file:
            told: Dict[str, Any] = json.load(file)
    except OSError:
        return {}
    return told


def _value(work: str, name: str, about: Mapping[str, Any]) -> Any:
    if about["mode"] != "direct":
        return os.environ.get(name) or os.path.join(work, *about["place"].split("/"))
    return dataset_object(work, name, about)


def dataset_object(work: str, name: str, about: Mapping[str, Any]) -> Any:
    """A dataset as an object, whatever the mode in which it was given."""
    files = [(place, os.path.join(work, *local.split("/"))) for place, local in about["files"].items()]
    kind = StepTable if about["definition"].get("kind") == "tabular" else StepFiles
    return kind(name, about["id"], about["definition"], files)


class _StepDataset:
    """What both kinds say of themselves."""

    version = 1
    description = ""

    def __init__(
        self, name: str, id: str, definition: Mapping[str, Any], files: List[Tuple[str, str]]
    ) -> None:
        self.name = name
        self.id = id
        self._definition = definition
        self._files = files
        self.tags: Dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise ProblemError(
            Problem(
                "S020",
                "%s.%s is not available inside a step: the sandbox has no way to the workspace."
                % (type(self).__name__, name),
                "",
                "Write results to an output of the step; register_on_complete makes a dataset of it.",
            )
        )

    def __repr__(self) -> str:
        return "<%s %s>" % (type(self).__name__, self.name)


class StepTable(_StepDataset, LazyTable):
    """A tabular dataset."""

    def _another(self, definition: Mapping[str, Any]) -> StepTable:
        return StepTable(self.name, self.id, definition, self._files)

    def _frame(self, limit: Optional[int] = None) -> pd.DataFrame:
        from skyloom.data.dataset_frame import UnreadableError, read_frame

        try:
            return read_frame(self._definition, self._files, limit)
        except UnreadableError as error:
            what = "The dataset '%s' cannot be read: %s" % (self.name, error)
            fix = "Look at how it was made: separator, header, encoding, column types."
            raise ProblemError(Problem("P244", what, "", fix)) from error


class StepFiles(_StepDataset):
    """A file dataset."""

    def to_path(self) -> List[str]:
        """Each file's path in its store, beginning with '/'."""
        return ["/" + place.partition("/")[2] for place, _ in self._files]

    def download(
        self, target_path: Optional[str] = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> List[str]:
        """Copy the files to a folder, with their paths in the store below it."""
        import tempfile

        folder = target_path or tempfile.mkdtemp()
        made: List[str] = []
        for place, local in self._files:
            target = os.path.join(folder, *place.partition("/")[2].split("/"))
            if overwrite or not os.path.exists(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(local, target)
            made.append(target)
        return made

    def mount(self, mount_point: Optional[str] = None, **_: Any) -> MountedFiles:
        return MountedFiles(self, mount_point)


class MountedFiles:
    """A folder with the files of a dataset in it, for the length of a block."""

    def __init__(self, dataset: Any, mount_point: Optional[str]) -> None:
        import tempfile

        self._dataset = dataset
        self._is_ours = mount_point is None
        self.mount_point = mount_point or tempfile.mkdtemp(prefix="mount-")

    def start(self) -> None:
        self._dataset.download(self.mount_point, overwrite=True)

    def stop(self) -> None:
        if self._is_ours:
            shutil.rmtree(self.mount_point, ignore_errors=True)

    def __enter__(self) -> MountedFiles:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
