"""Artifacts in a folder, named by their digests: ``<folder>/ab/cdef...``, read-only, never changed.

A name appears only after its content is durable, and a record only after the name is (reliability.md 3.4).
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from skyloom.core.artifact import Artifact, Role
from skyloom.core.folder import Folder
from skyloom.core.identity import Digest, Json, digest_of_bytes
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Produced, Staged
from skyloom.data.footer import footer_json
from skyloom.data.table_file import PathOrDescriptor, read_footer, seal_table
from skyloom.stores.artifact_check import (
    Finding,
    SoundFiles,
    examine,
    references_in,
    references_of,
    signature,
)
from skyloom.stores.artifact_sweep import YOUNG_S, ArtifactSweep, Loose
from skyloom.stores.check_behind import ChecksBehind
from skyloom.stores.content_batch import Batch
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
from skyloom.stores.shared_content import SharedContent

_TOUCH_AFTER_S = 600.0
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_MEDIA_TYPES = {
    "Dataset": "application/vnd.skyloom.table",
    "PlainText": "text/plain; charset=utf-8",
    "Zip": "application/zip",
    "Folder": "application/vnd.skyloom.folder",
}


class ArtifactsFolder:
    """Artifacts in one folder of one file system.

    Every file is read whole and compared with its digest once a process, and again when the kernel says that
    it was changed; damage is told as R011 and the file is put aside, so that it is made again.

    Attributes
    ----------
    tmp_folder
        Where a compute opens the nameless files that ``adopt`` links into place.

    Parameters
    ----------
    shared
        What the folder shares with those of other machines: kept content is there too when a method returns,
        and what is missing or damaged here is fetched from there.
    """

    def __init__(self, folder: Path, shared: SharedContent | None = None) -> None:
        self._folder = folder
        self._shared = shared
        self._damaged = folder / "damaged"
        self.tmp_folder = folder / "tmp"
        self._sound = SoundFiles(self.path_of)
        self._sweep = ArtifactSweep(folder / "sweep.lock")
        self._behind = ChecksBehind(self._look)
        self._has_places = False
        for needed in (self.tmp_folder, self._damaged):
            needed.mkdir(parents=True, exist_ok=True)

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
            self._share(digest)
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
            self._share(digest)
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
            self._share(digest)
        return Artifact(digest, name, type, role, media_type, size)

    def add_many(self, content: BinaryIO, sizes: Sequence[int]) -> list[Digest]:
        """Keep files of these sizes in bytes that follow one another; their digests in that order.

        Raises
        ------
        ProblemError
            P260 the last file is not whole; R014, R022.
        """
        batch = Batch(self.tmp_folder)
        with told_as_problems("files of a snapshot"):
            try:
                digests = batch.read(content, sizes)
                for digest in batch.publish(self._place_of):
                    self._sound.note(digest, ())
                self._share(*digests)
            finally:
                batch.discard()
        return digests

    def add_folder(self, folder: Folder, name: str) -> Artifact:
        """Keep the list of a folder whose files are stored already.

        Raises
        ------
        ProblemError
            R306 a file of it is not stored; R014, R022.
        """
        absent = set(self.missing(folder.digests))
        missing = [file for file in folder.files if file.digest in absent]
        if missing:
            raise ProblemError(
                Problem(
                    "R306",
                    f"{len(missing)} files of the folder are not stored, such as '{missing[0].path}'.",
                    name,
                    "Send the files before the list that names them.",
                )
            )
        content = folder.as_bytes()
        digest = digest_of_bytes(content)
        with told_as_problems(name):
            size = self._size_of_sound(digest)
            if size is None:
                with new_file(self.tmp_folder) as file:
                    write_all(file.descriptor, memoryview(content))
                    size = self._keep(file, digest, folder.digests)
            self._share(digest)
        return Artifact(digest, name, "Folder", "output", _MEDIA_TYPES["Folder"], folder.size)

    def missing(self, digests: Iterable[Digest]) -> list[Digest]:
        """Those that are not stored, in their order; the others are made young again."""
        wanted = list(dict.fromkeys(digests))
        here = [digest for digest in wanted if self._size_of_sound(digest) is not None]
        if self._shared is None:
            there = set(here)
        else:
            self._share(*here)
            there = self._shared.having(wanted)
        return [digest for digest in wanted if digest not in there]

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

    def glance(self, artifact: Artifact) -> Staged:
        """As ``stage``, for a look at a table: it is not read whole before, but behind, by a thread.

        The footer is compared with the digest at once; damage of the cells is told by the next look.

        Raises
        ------
        ProblemError
            R011, R021, as ``stage``.
        """
        references = self._sound.references_at_a_glance(artifact.digest)
        if references is None or not self._is_made_young(artifact.digest, references):
            return self.stage(artifact)
        self._behind.ask(artifact.digest)
        path = str(self.path_of(artifact.digest))
        files = {str(reference): str(self.path_of(reference)) for reference in references}
        return Staged(artifact.type, path, artifact.digest, artifact.name, files)

    def exists(self, artifact: Artifact) -> bool:
        """Whether the content could be staged; what is damaged does not exist any more."""
        if self._shared is not None and not self.path_of(artifact.digest).exists():
            return self._shared.has(artifact.digest)
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

    def loose(self, known: Collection[Digest], young_s: float = YOUNG_S) -> Loose:
        """What ``sweep`` would remove now."""
        return self._sweep.loose(dict(self._stored()), self._temporary(), known, young_s)

    def sweep(self, known: Collection[Digest], young_s: float = YOUNG_S) -> list[Digest]:
        """Remove content that no record names, nor a table that stays, once it is not young any more.

        Parameters
        ----------
        known
            Every digest that a record names; asked for just before. Writers may go on meanwhile
            (artifact_sweep.py).

        Returns
        -------
        The digests that were removed. Temporary files of that age go too.
        """
        stored = dict(self._stored())
        loose = self._sweep.loose(stored, self._temporary(), known, young_s)
        removed = self._sweep.remove(loose, stored, young_s)
        for digest in removed:
            self._sound.drop(digest)
        return list(removed)

    def sizes(self) -> dict[Digest, int]:
        """Bytes of everything that is stored; content of tables and folders that others share counts once."""
        found = {}
        for digest, path in self._stored():
            with contextlib.suppress(FileNotFoundError):
                found[digest] = path.stat().st_size
        return found

    def needed_by(self, digests: Iterable[Digest]) -> set[Digest]:
        """Those of the digests that are stored, and every stored file that they refer to."""
        needed: set[Digest] = set()
        left = list(digests)
        while left:
            digest = left.pop()
            if digest not in needed and self.path_of(digest).is_file():
                needed.add(digest)
                with opened(str(self.path_of(digest))) as descriptor:
                    left += references_of(descriptor, digest)
        return needed

    def _temporary(self) -> Iterator[Path]:
        yield from self.tmp_folder.iterdir()
        yield from self._folder.glob("??/*.new-*")

    def share_all(self) -> None:
        """Send what is stored here and not there yet: of a folder that was not shared from its first day."""
        self._share(*(digest for digest, _ in self._stored()))

    # --- inside -------------------------------------------------------------------------------------------

    def _place_of(self, digest: Digest) -> Path:
        """``path_of``, and new content can be put there."""
        if not self._has_places:
            self._make_places()
        return self.path_of(digest)

    def _make_places(self) -> None:
        """All folders at once: one that is made on the way would have to be made durable there and then."""
        there = set(os.listdir(self._folder))
        missing = [name for name in (f"{number:02x}" for number in range(256)) if name not in there]
        for name in missing:
            (self._folder / name).mkdir(exist_ok=True)
        sync_folder(self._folder)  # also where a process that was killed here has made them
        self._has_places = True

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
        path = self._place_of(digest)
        publish(file, path, replaces=path.exists())
        self._sound.note(digest, references)
        return os.fstat(file.descriptor).st_size

    def _share(self, *digests: Digest) -> None:
        if self._shared is not None:
            self._shared.send_all(digests, self.path_of)

    def _size_of_sound(self, digest: Digest) -> int | None:
        """The size of what is stored already, made young again; None when it has to be written."""
        path = self.path_of(digest)
        was_known = self._sound.is_known(digest)
        references = self._look_here(digest)
        if isinstance(references, str):
            return None
        if not was_known:
            sync_folder(path.parent)  # whoever named it may not have come that far
        return path.stat().st_size if self._is_made_young(digest, references) else None

    def _is_made_young(self, digest: Digest, references: tuple[Digest, ...]) -> bool:
        """Keep what is used now from being swept; False when a sweep was faster."""
        paths = [self.path_of(one) for one in (digest, *references)]
        try:
            oldest = min(path.stat().st_mtime for path in paths)
        except FileNotFoundError:
            return False
        if time.time() - oldest > _TOUCH_AFTER_S:
            return self._sound.touch((digest, *references), self._sweep.touch)
        return True

    def _require_sound(self, artifact: Artifact) -> tuple[Digest, ...]:
        """The further files of content that is what it should be."""
        found = self._look(artifact.digest)
        if not isinstance(found, str):
            if self._is_made_young(artifact.digest, found):
                return found
            raise ProblemError(_gone(artifact.name, artifact.digest))
        if found:
            raise ProblemError(_damaged(artifact.name, artifact.digest, found))
        raise ProblemError(_gone(artifact.name, artifact.digest))

    def _look(self, digest: Digest) -> tuple[Digest, ...] | str:
        """The further files of sound content, or what is wrong with it: nothing when it is gone."""
        found = self._look_here(digest)
        if not isinstance(found, str) or self._shared is None:
            return found
        is_back = self._shared.bring(digest, self._place_of, self.tmp_folder)
        return self._look_here(digest) if is_back else found

    def _look_here(self, digest: Digest) -> tuple[Digest, ...] | str:
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
