"""ClassicDatasets: saved datasets as clients of the old product know them (services.md 2.2 and 2.3).

A family is a dataset's name over all its contents, an instance one content. The bytes that a client sent are
kept and given back letter for letter; where they are a table, the table is what graphs read.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from skyloom.core.artifact import Artifact
from skyloom.core.blob import BlobRef
from skyloom.core.dataset import Dataset
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json, to_json
from skyloom.engine.ports import Datasets, utc_now
from skyloom.workspace.blob_store import BlobStore

FORBIDDEN = '\\/:*?"<>|'
LONGEST_NAME = 260
MOST_BLOCKS = 100_000
NOTE = "classic"  # the fact of a dataset that holds what old clients wrote about it
TABLE_NAMES: Mapping[str, str] = {"GenericCSV": "csv", "GenericTSV": "tsv", "ARFF": "arff"}
TYPES: Mapping[str, str] = {"Zip": "Zip", "iLearnerDotNet": "ILearner", "iTransformDotNet": "ITransform"}
_CONTAINER = "datasources"

Upload = Callable[[BinaryIO, str, str], Artifact]


@dataclass(frozen=True)
class ClassicDataset:
    """A dataset under the ids of the old product."""

    dataset: Dataset
    family: str
    instance: str
    data_type: str
    raw: Artifact | None  # what a client sent; None for datasets that came another way
    note: Mapping[str, Json]


class ClassicDatasets:
    """Datasets by family and instance, and uploads on their way to one."""

    def __init__(
        self,
        datasets: Datasets,
        blobs: BlobStore,
        upload: Upload,
        facts_of: Callable[[Artifact], Mapping[str, Json]],
        folder: Path,
    ) -> None:
        self._datasets = datasets
        self._blobs = blobs
        self._upload = upload
        self._facts_of = facts_of
        self._folder = folder

    def all(self) -> list[ClassicDataset]:
        """The newest of each family, by name."""
        newest: dict[str, ClassicDataset] = {}
        for dataset in self._datasets.all():
            found = classic_of(dataset)
            known = newest.get(found.family)
            if known is None or known.dataset.created_at <= dataset.created_at:
                newest[found.family] = found
        return sorted(newest.values(), key=lambda one: one.dataset.name)

    def find(self, instance: str) -> ClassicDataset:
        """By instance, older ones too; D060 where there is none."""
        for dataset in self._datasets.all():
            for version in self._datasets.versions(dataset.name):
                found = classic_of(version)
                if found.instance == instance:
                    return found
        raise ProblemError(Problem("D060", f"There is no dataset '{instance}'.", instance, ""))

    def delete_family(self, family: str) -> None:
        """Forget every name of the family."""
        names = [one.dataset.name for one in map(classic_of, self._datasets.all()) if one.family == family]
        if not names:
            raise ProblemError(Problem("D060", f"There is no dataset family '{family}'.", family, ""))
        for name in names:
            self._datasets.delete(name)

    # --- uploads ----------------------------------------------------------------------------------------

    def begin(self) -> str:
        """An id under which blocks may come."""
        upload = secrets.token_hex(16)
        (self._folder / upload).mkdir(parents=True)
        return upload

    def add_block(self, upload: str, number: int, content: BinaryIO) -> None:
        """Keep one block; one that comes again replaces itself."""
        folder = self._of(upload)
        if not 0 <= number < MOST_BLOCKS:
            raise ProblemError(Problem("A013", "'blockId' is a number from 0.", "blockId", ""))
        part = folder / f"{number}.{secrets.token_hex(4)}"
        with open(part, "xb") as file:
            shutil.copyfileobj(content, file, 1024 * 1024)
        part.replace(folder / str(number))

    def register(
        self, upload: str, name: str, data_type: str, description: str, family: str, note: Mapping[str, Json]
    ) -> ClassicDataset:
        """The uploaded bytes as a dataset, of a family that exists or of a new one.

        Raises
        ------
        ProblemError
            W170 the name has forbidden characters, W171 another family has it, W172 no such upload.
        """
        folder = self._of(upload)
        self._check_name(name, family)
        ending = TABLE_NAMES.get(data_type, "")
        with tempfile.TemporaryFile(dir=self._folder) as whole:
            for block in sorted(folder.iterdir(), key=lambda path: int(path.name.partition(".")[0])):
                with open(block, "rb") as content:
                    shutil.copyfileobj(content, whole, 1024 * 1024)
            whole.seek(0)
            raw = self._upload(whole, name, TYPES.get(data_type, "File"))
            artifact = raw
            if ending:
                whole.seek(0)
                artifact = self._table(whole, f"{name}.{ending}") or raw
        instance = secrets.token_hex(16)
        self._blobs.put_artifact(BlobRef(_CONTAINER, instance), raw)
        kept_note: dict[str, Json] = {
            **note,
            "family": family or secrets.token_hex(16),
            "instance": instance,
            "data_type": data_type,
            "raw": to_json(raw),
            "upload": upload,
        }
        facts = {**self._facts_of(artifact), NOTE: kept_note}
        kept = self._datasets.save(Dataset(name, 0, artifact, utc_now(), description, facts))
        shutil.rmtree(folder, ignore_errors=True)
        return classic_of(kept)

    def _table(self, content: BinaryIO, name: str) -> Artifact | None:
        """The bytes as a table; nothing where they are none, which is no fault: they are kept as they are."""
        try:
            return self._upload(content, name, "Dataset")
        except ProblemError as error:
            if error.problem.code.startswith("D"):
                return None
            raise

    def _check_name(self, name: str, family: str) -> None:
        if not name or len(name) > LONGEST_NAME or not name.isprintable() or set(name) & set(FORBIDDEN):
            raise ProblemError(
                Problem(
                    "W170",
                    f"The name of a dataset is empty, too long, or has forbidden characters ({FORBIDDEN}).",
                    "Name",
                    "Use another name.",
                )
            )
        for dataset in self._datasets.all():
            if dataset.name == name and classic_of(dataset).family != family:
                raise ProblemError(
                    Problem("W171", f"Another dataset is called '{name}'.", "Name", "Update that one.")
                )

    def _of(self, upload: str) -> Path:
        is_id = len(upload) == 32 and set(upload) <= set("0123456789abcdef")
        if not is_id or not (self._folder / upload).is_dir():
            raise ProblemError(Problem("W172", "There is no such upload.", "UploadId", "Begin one first."))
        return self._folder / upload


def classic_of(dataset: Dataset) -> ClassicDataset:
    """A dataset under its ids; one that came another way gets ids from its name and version."""
    note = dataset.facts.get(NOTE)
    if isinstance(note, dict):
        raw = from_json(Artifact, note.get("raw"))
        return ClassicDataset(
            dataset, str(note["family"]), str(note["instance"]), str(note["data_type"]), raw, note
        )
    kind = dataset.artifact.type
    data_type = {"Dataset": "GenericCSV", **{ours: theirs for theirs, ours in TYPES.items()}}.get(
        kind, "PlainText"
    )
    return ClassicDataset(
        dataset, _hex(dataset.name), _hex(f"{dataset.name}\n{dataset.version}"), data_type, None, {}
    )


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
