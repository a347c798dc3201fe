"""Artifacts in a folder, named by their digests: ``<folder>/ab/cdef...``, read-only, never changed.

A name appears only after its content is durable, and a record only after the name is (reliability.md 3.4).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from skyloom.core.artifact import Artifact, Role
from skyloom.core.identity import Digest, Json, digest_of_bytes
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Produced, Staged
from skyloom.data.footer import footer_json
from skyloom.data.table_file import PathOrDescriptor, read_footer, seal_table
from skyloom.engine.crashpoint import crashpoint
from skyloom.stores.artifact_check import (
    Finding,
    SoundFiles,
    examine,
    references_in,
    references_of,
    signature,
)
from skyloom.stores.content_file import (
    NewFile,
    copy_and_hash,
    hash_file,
    is_nameless,
    new_file,
    opened,
    publish,
    sync_folder,
    told_as_problems,
    write_all,
)

YOUNG_S = 3600.0  # content this young may be on its way into a record
_TOUCH_AFTER_S = 600.0
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_MEDIA_TYPES = {
    "Dataset": "application/vnd.skyloom.table",
    "PlainText": "text/plain; charset=utf-8",
    "Zip": "application/zip",
}


class ArtifactsFolder:
    """Artifacts in one folder of one file system.

    Every file is read whole and compared with its digest once a process, and again when the kernel says that
    it was changed; damage is told as R011 and the file is put aside, so that it is made again.

    Attributes
    ----------
    tmp_folder
        Where a compute opens the nameless files that ``adopt`` links into place.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._damaged = folder / "damaged"
        self.tmp_folder = folder / "tmp"
        self._sound = SoundFiles(self.path_of)
        self._lay_out()

    # --- putting in ---------------------------------------------------------------------------------------

    def adopt(self, produced: Produced, name: str, inputs: Mapping[Digest, str]) -> Artifact:
        """Check, hash, link and sync what a box produced; a nameless file is not copied.

        Raises
        ------
        ProblemError
            D020 to D022: a table is not what its footer says. R014, R020, R022: it cannot be stored.
        """
        with told_as_problems(name), opened(produced.path) as source:
            if is_nameless(produced.path):
                digest, size = self._adopt_nameless(source, produced, inputs)
            else:
                digest, size = self._adopt_copy(source, produced, inputs)
        media_type = _MEDIA_TYPES.get(produced.type, "application/octet-stream")
        return Artifact(digest, name, produced.type, "output", media_type, size)

    def add_bytes(self, content: bytes, name: str, type: str, role: Role, media_type: str) -> Artifact:
        """Keep some bytes.

        Raises
        ------
        ProblemError
            R014, R022.
        """
        digest = digest_of_bytes(content)
        with told_as_problems(name):
            size = self._size_of_sound(digest)
            if size is None:
                with new_file(self.tmp_folder) as file:
                    write_all(file.descriptor, memoryview(content))
                    size = self._keep(file, digest)
        return Artifact(digest, name, type, role, media_type, size)

    def add_file(self, path: str, name: str, type: str, role: Role, media_type: str) -> Artifact:
        """Keep a copy of a file; the file itself stays its owner's.

        Raises
        ------
        ProblemError
            R014, R020, R022.
        """
        with told_as_problems(name), opened(path) as source, new_file(self.tmp_folder) as file:
            digest = copy_and_hash(source, file.descriptor)
            size = self._keep(file, digest)
        return Artifact(digest, name, type, role, media_type, size)

    # --- taking out ---------------------------------------------------------------------------------------

    def stage(self, artifact: Artifact) -> Staged:
        """Paths of the content and of every table file that it refers to.

        Raises
        ------
        ProblemError
            R011: a file is gone or damaged. R021: the digest is none.
        """
        references = self._require_sound(artifact)
        files = {str(reference): str(self.path_of(reference)) for reference in references}
        path = str(self.path_of(artifact.digest))
        return Staged(artifact.type, path, artifact.digest, artifact.name, files)

    def exists(self, artifact: Artifact) -> bool:
        """Whether the content could be staged; what is damaged does not exist any more."""
        try:
            self._require_sound(artifact)
        except ProblemError:
            return False
        return True

    def footer(self, artifact: Artifact) -> dict[str, Json]:
        """The footer of a stored table: its rows, columns and their types.

        Raises
        ------
        ProblemError
            R011, R021; D023: it is no table.
        """
        with opened(self.stage(artifact).path) as descriptor:
            return footer_json(read_footer(descriptor))

    def path_of(self, digest: Digest) -> Path:
        """Where content of that digest lies, if it is there.

        Raises
        ------
        ProblemError
            R021: it is no digest, so it must not become a path.
        """
        if not _DIGEST.match(digest):
            raise ProblemError(
                Problem(
                    "R021",
                    f"{digest!r:.100} is not the digest of an artifact.",
                    "",
                    "A digest is 'sha256:' and 64 hexadecimal digits.",
                )
            )
        return self._folder / digest[7:9] / digest[9:]

    # --- looking after ------------------------------------------------------------------------------------

    def verify(self, digest: Digest) -> Problem | None:
        """Read one artifact whole, whatever is remembered of it."""
        path = self.path_of(digest)
        if not path.exists():
            return _gone(digest, digest)
        damage = examine(path, digest, self.path_of).damage
        return _damaged(digest, digest, damage) if damage else None

    def fsck(self) -> list[Problem]:
        """Read everything that is stored and name what is damaged (R011, with the digest as place)."""
        return [problem for digest, _ in self._stored() if (problem := self.verify(digest)) is not None]

    def sweep(self, known: set[Digest], young_s: float = YOUNG_S) -> list[Digest]:
        """Remove content that no record names, nor a table that stays, once it is not young any more.

        Parameters
        ----------
        known
            Every digest that a record names; asked for after a pause of the writers or just before.

        Returns
        -------
        The digests that were removed. Temporary files of that age go too.
        """
        limit = time.time() - young_s
        for temporary in (*self.tmp_folder.iterdir(), *self._folder.glob("??/*.new-*")):
            if _is_older(temporary, limit):
                temporary.unlink(missing_ok=True)
        stored = dict(self._stored())
        loose = {digest for digest, path in stored.items() if digest not in known and _is_older(path, limit)}
        if loose:
            for digest in stored.keys() - loose:
                with opened(str(stored[digest])) as descriptor:
                    loose.difference_update(references_of(descriptor, digest))
        for digest in sorted(loose):
            crashpoint("artifact.before_sweep")
            stored[digest].unlink(missing_ok=True)
            self._sound.drop(digest)
        return sorted(loose)

    def _lay_out(self) -> None:
        """All folders at once: one that is made on the way would have to be made durable there and then."""
        for needed in (self.tmp_folder, self._damaged):
            needed.mkdir(parents=True, exist_ok=True)
        there = set(os.listdir(self._folder))
        missing = [name for name in (f"{number:02x}" for number in range(256)) if name not in there]
        for name in missing:
            (self._folder / name).mkdir(exist_ok=True)
        if missing:
            sync_folder(self._folder)

    # --- inside -------------------------------------------------------------------------------------------

    def _adopt_nameless(
        self, source: int, produced: Produced, inputs: Mapping[Digest, str]
    ) -> tuple[Digest, int]:
        if os.fstat(source).st_dev != os.stat(self.tmp_folder).st_dev:
            return self._adopt_copy(source, produced, inputs)
        if produced.type == "Dataset":
            return self._seal(NewFile(source), produced, inputs)
        digest = hash_file(source)
        return digest, self._keep(NewFile(source), digest)

    def _adopt_copy(
        self, source: int, produced: Produced, inputs: Mapping[Digest, str]
    ) -> tuple[Digest, int]:
        with new_file(self.tmp_folder) as file:
            digest = copy_and_hash(source, file.descriptor)
            if produced.type == "Dataset":
                return self._seal(file, produced, inputs)
            return digest, self._keep(file, digest)

    def _seal(self, file: NewFile, produced: Produced, inputs: Mapping[Digest, str]) -> tuple[Digest, int]:
        stored = [digest for digest, path in inputs.items() if path == str(self.path_of(digest))]
        files: dict[str, PathOrDescriptor] = {digest: inputs[digest] for digest in stored}
        sealed = seal_table(file.descriptor, produced.footer, files)
        references = references_in(sealed.footer)
        return sealed.content_digest, self._keep(file, sealed.content_digest, references)

    def _keep(self, file: NewFile, digest: Digest, references: tuple[Digest, ...] = ()) -> int:
        """Content that is complete goes to its place; its size there."""
        size = self._size_of_sound(digest)
        if size is not None:
            return size
        if digest in references:  # an input handed on unchanged, and the input is gone meanwhile
            raise ProblemError(_gone(digest, digest))
        path = self.path_of(digest)
        publish(file, path, replaces=path.exists())
        self._sound.note(digest, references)
        return os.fstat(file.descriptor).st_size

    def _size_of_sound(self, digest: Digest) -> int | None:
        """The size of what is stored already, made young again; None when it has to be written."""
        path = self.path_of(digest)
        was_known = self._sound.is_known(digest)
        references = self._look(digest)
        if isinstance(references, str):
            return None
        if not was_known:
            sync_folder(path.parent)  # whoever named it may not have come that far
        found = path.stat()
        if time.time() - found.st_mtime > _TOUCH_AFTER_S:
            os.utime(path)
            self._sound.note(digest, references)
        return found.st_size

    def _require_sound(self, artifact: Artifact) -> tuple[Digest, ...]:
        """The further files of content that is what it should be."""
        found = self._look(artifact.digest)
        if not isinstance(found, str):
            return found
        if found:
            raise ProblemError(_damaged(artifact.name, artifact.digest, found))
        raise ProblemError(_gone(artifact.name, artifact.digest))

    def _look(self, digest: Digest) -> tuple[Digest, ...] | str:
        """The further files of sound content, or what is wrong with it: nothing when it is gone."""
        finding = self._sound.look(digest)
        if finding is None:
            return ""
        if finding.damage:
            self._put_aside(digest, finding)
            return finding.damage
        return finding.references

    def _put_aside(self, digest: Digest, finding: Finding) -> None:
        """Damaged files leave their places, so that their content is made again; they are kept for a look."""
        at_fault = [digest] if finding.is_own_damage else []
        at_fault += [one for one in finding.references if signature(self.path_of(one)) and self.verify(one)]
        for one in at_fault:
            self._sound.drop(one)
            path = self.path_of(one)
            path.replace(self._damaged / one[7:])
            sync_folder(path.parent)

    def _stored(self) -> Iterator[tuple[Digest, Path]]:
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                digest = Digest(f"sha256:{folder.name}{path.name}")
                if _DIGEST.match(digest):
                    yield digest, path


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False


def _gone(name: str, digest: Digest) -> Problem:
    return Problem(
        "R011",
        f"The content of '{name}' is no longer stored.",
        digest,
        "Run again: what is missing is made again. 'skyloom dataset add' for a dataset.",
    )


def _damaged(name: str, digest: Digest, damage: str) -> Problem:
    return Problem(
        "R011",
        f"The stored content of '{name}' is damaged: {damage}.",
        digest,
        "Restore it from a backup, or run again: what is damaged is made again.",
    )
