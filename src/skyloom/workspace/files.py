"""Files of a workspace: uploads become artifacts, artifacts become files that people can read."""

from __future__ import annotations

import json
import mimetypes
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import ServiceColumn
from skyloom.core.task import Limits
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.formats.endings import TABLE_FORMATS, format_of
from skyloom.data.table_file import read_footer
from skyloom.modules.catalogue import ModuleCatalogue
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.workspace.box_jobs import BoxJobs

FORMATS = ("csv", "tsv", "arff", "svmlight", "parquet")


class Files:
    """Bytes in, readable files out; every parser runs in a box."""

    def __init__(
        self, artifacts: ArtifactsFolder, catalogue: ModuleCatalogue, jobs: BoxJobs, exports: Path
    ) -> None:
        self._artifacts = artifacts
        self._catalogue = catalogue
        self._jobs = jobs
        self._exports = exports
        self._busy = 0
        self._lock = threading.Lock()

    def is_busy(self) -> bool:
        return self._busy > 0

    def upload(
        self,
        content: BinaryIO,
        name: str,
        kind: str | None,
        limits: Limits | None,
        columns: Sequence[ServiceColumn] = (),
    ) -> Artifact:
        """Keep the bytes; a table format becomes a Dataset, with these columns' types where they are known.

        Raises
        ------
        ProblemError
            The file is not what its name says (codes D), or its reader met a limit (D061).
        """
        found = format_of(name)
        with self._working():
            path = os.path.join(self._artifacts.tmp_folder, f"upload-{os.urandom(8).hex()}")
            try:
                with open(path, "xb") as spool:
                    shutil.copyfileobj(content, spool, 1024 * 1024)
                wanted = kind or (
                    "Dataset" if found in TABLE_FORMATS else "Zip" if found == "Zip" else "File"
                )
                stored = "File" if wanted == "Dataset" else wanted
                raw = self._artifacts.add_file(path, name, stored, "file", _media_type(name))
            finally:
                if os.path.exists(path):
                    os.unlink(path)
            return self._read(raw, name, limits, columns) if wanted == "Dataset" else raw

    def facts(self, artifact: Artifact) -> Mapping[str, Json]:
        """Rows and columns of a table, told from its footer; nothing for other content."""
        if artifact.type != "Dataset":
            return {"size_bytes": artifact.size}
        with open(self._artifacts.glance(artifact).path, "rb") as file:
            footer = read_footer(file.fileno())
        return {"rows": footer.rows, "columns": len(footer.columns), "size_bytes": artifact.size}

    def columns(self, artifact: Artifact) -> tuple[ColumnAttributes, ...]:
        """The columns of a table, told from its footer; none for other content."""
        if artifact.type != "Dataset":
            return ()
        with open(self._artifacts.glance(artifact).path, "rb") as file:
            return tuple(column.attributes for column in read_footer(file.fileno()).columns)

    def stored(self, artifact: Artifact) -> str:
        """Path of the content as it is stored."""
        return self._artifacts.stage(artifact).path

    def readable(self, artifact: Artifact) -> str:
        """Path of a file that other programs read: Parquet for a table, the content itself otherwise."""
        return self.download(artifact, "parquet") if artifact.type == "Dataset" else self.stored(artifact)

    def download(self, artifact: Artifact, format: str) -> str:
        """Path of the content in that format; made once and kept under the content's digest."""
        if artifact.type != "Dataset" or format == "raw":
            return self.stored(artifact)
        if format not in FORMATS:
            known = ", ".join((*FORMATS, "raw"))
            raise ProblemError(
                Problem("D062", f"There is no format '{format}'.", "format", f"Use one of: {known}.")
            )
        target = self._exports / f"{artifact.digest[7:]}.{format}"
        if not target.exists():
            made = self._job("Export Table", {"Format": format}, "Dataset", artifact)
            part = f"{target}.{os.urandom(4).hex()}"
            shutil.copyfile(self.stored(made), part)
            os.replace(part, target)
        return str(target)

    def profile(self, artifact: Artifact, sample: int = 0) -> dict[str, Json]:
        """Sample, statistics and histograms (studio.md 3.2); made once, kept under the content's digest.

        ``sample`` is about how many rows are looked at, 0 all of them.
        """
        kept = self._exports / f"{artifact.digest[7:]}.profile-{sample}"
        try:
            return _object_in(str(kept))
        except (FileNotFoundError, ValueError):
            pass
        made = self._job("Profile Table", {"Sample": sample}, "Dataset", artifact, is_look=True)
        part = f"{kept}.{os.urandom(4).hex()}"
        shutil.copyfile(self.stored(made), part)
        os.replace(part, kept)
        return _object_in(str(kept))

    def looked_at(
        self, module: str, values: Mapping[str, Json], artifact: Artifact, port: str = "Dataset"
    ) -> dict[str, Json]:
        """What an internal module tells of the content at its input port as a JSON object."""
        return _object_in(self.stored(self._job(module, values, port, artifact, is_look=True)))

    def _read(
        self, raw: Artifact, name: str, limits: Limits | None, columns: Sequence[ServiceColumn]
    ) -> Artifact:
        values: dict[str, Json] = {"Name": name}
        if columns:
            values["Columns"] = [[one.name, one.type, list(one.values)] for one in columns]
        return self._job("Read File", values, "File", raw, limits)

    def _job(
        self,
        module: str,
        values: Mapping[str, Json],
        port: str,
        artifact: Artifact,
        limits: Limits | None = None,
        is_look: bool = False,
    ) -> Artifact:
        """The module's artifact; a look does not wait until a large table was read whole and found sound."""
        staged = (self._artifacts.glance if is_look else self._artifacts.stage)(artifact)
        spec = self._catalogue.find(module)
        assert spec is not None, module
        with self._working():
            return self._jobs.run(spec, values, {port: staged}, limits)

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1


def _object_in(path: str) -> dict[str, Json]:
    with open(path, encoding="utf-8") as text:
        found = json.load(text)
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no object")
    return found


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
