"""The work folder of a step: laid out before its box runs, taken apart when the box is dead.

``step/`` is a copy of the snapshot and the working directory; inputs and outputs lie at the places that the
task names. Everything in it belongs to the box, so a step may write wherever it may look.
Source: sdk.md 11.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skyloom.compute.linked_file import link_large, unshare
from skyloom.compute.step_dataset import DIRECT, StepDataset, step_dataset
from skyloom.core.folder import check_paths, folder_from_bytes
from skyloom.core.identity import Json
from skyloom.core.module import PathOf
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.step_words import RECORD_FOLDER, RUN_FILE, SECRETS_FILE
from skyloom.core.task import DEFINITION, LISTING, Command, Produced, Staged
from skyloom.runner.command import KEPT_FOLDERS, STEP_FOLDER
from skyloom.runner.step_datasets import DATASETS_FILE

VARIABLE = "AZUREML_DATAREFERENCE_"  # and the port's name (sdk.md 11)
MOST_FILES = 10_000  # of outputs/ and logs/ together
PLACE = "Place"  # type of a Staged whose path is a folder or file of a datastore


@dataclass(frozen=True)
class Left:
    """What a step left: outputs by port, and files (paths below the kept folder) that stay with the run."""

    outputs: Mapping[str, Produced]
    files: tuple[str, ...]
    notices: tuple[str, ...]


class CommandFolder:
    """One step's folder below ``work``; ``uid`` is the box's identity, None for our own."""

    def __init__(
        self, command: Command, inputs: Mapping[str, Staged | None], work: str, uid: int | None
    ) -> None:
        self._command = command
        self._inputs = inputs
        self._work = work
        self._uid = uid
        self.bytes_placed = 0

    @property
    def program(self) -> str:
        """The first word of the call, for messages."""
        word = self._command.argv[0] if self._command.argv else ""
        return word.port if isinstance(word, PathOf) else word

    # -- before ---------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Copy snapshot and inputs in, and make the folders that outputs will lie in.

        Raises
        ------
        ProblemError
            C011 some content cannot be read.
        """
        step = self._path(STEP_FOLDER)
        try:
            self._put_folder(self._command.snapshot, step)
            for port, place in self._command.inputs.items():
                staged = self._inputs[port]
                if staged is not None:
                    self._put(staged, self._path(place))
            for port, place in self._command.outputs.items():
                path = self._path(place)
                self._make_folder(path if port in self._command.prepared else os.path.dirname(path))
            self._describe_datasets()
            self._leave(RUN_FILE, self._command.of_run)
            self._leave(SECRETS_FILE, self._command.secrets, 0o600)
        except (OSError, ValueError) as error:
            what = f"The step's folder cannot be laid out: {getattr(error, 'strerror', None) or error}."
            raise ProblemError(Problem("C011", what, "", "Run the node before it again.")) from error

    def entry(self, language: str, inner_work: str) -> dict[str, Json]:
        """The runner's words: the call as written and as started, and its environment variables."""
        places = {**self._command.inputs, **self._command.outputs}
        paths = {port: f"{inner_work}/{place}" for port, place in places.items()}
        for port in self._command.datasets:
            about = self._dataset(port)
            if about is not None:
                paths[port] = about.id if about.mode == DIRECT else f"{inner_work}/{about.place}"
        links: dict[str, Json] = {}
        for port, wanted in self._command.links.items():
            if port in paths and paths[port].startswith(inner_work):
                link = os.path.join(inner_work, STEP_FOLDER, wanted)
                links[link], paths[port] = paths[port], link
        argv = [paths[word.port] if isinstance(word, PathOf) else word for word in self._command.argv]
        shown = [self._shown(word.port) if isinstance(word, PathOf) else word for word in self._command.argv]
        plain = self._command.datasets.keys() | self._command.prepared
        variables = {
            **self._command.variables,
            **{(port if port in plain else VARIABLE + port): path for port, path in paths.items()},
        }
        return {
            "kind": "command",
            "language": language,
            "argv": [*argv],
            "shown": [*shown],
            "variables": {**variables},
            "links": links,
        }

    def _shown(self, port: str) -> str:
        """A word as it was written (sdk.md 11, Stored form)."""
        if port in self._command.datasets:
            return f"DatasetConsumptionConfig:{port}"
        return f"DatasetOutputConfig:{port}" if port in self._command.prepared else f"${VARIABLE}{port}"

    def _dataset(self, port: str) -> StepDataset | None:
        """What the step is told of a dataset; None where nothing was linked."""
        staged = self._inputs.get(port)
        if staged is None or port not in self._command.inputs:
            return None
        mode, place = self._command.datasets[port], self._command.inputs[port]
        return step_dataset(staged, mode, place, self._command.readings.get(port, ""))

    def _describe_datasets(self) -> None:
        """Leave for the step's process what its datasets are: definition and files of each."""
        known = {port: self._dataset(port) for port in self._command.datasets}
        told = {port: about.as_json() for port, about in known.items() if about is not None}
        self._leave(DATASETS_FILE, told)

    def _leave(self, name: str, told: Mapping[str, Json] | Mapping[str, str], mode: int = 0o644) -> None:
        """Put something for the step's own process beside its record; nothing where there is nothing."""
        if told:
            path = self._path(f"{RECORD_FOLDER}/{name}")
            self._make_folder(os.path.dirname(path))
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8"
            ) as file:
                json.dump(told, file)
            self._own(path)

    def _put(self, staged: Staged, target: str) -> None:
        self._make_folder(os.path.dirname(target))
        if staged.type == "Folder":
            self._put_folder(staged, target)
        elif staged.type in (LISTING, DEFINITION):
            self._put_listing(staged.files, target)
        elif staged.type == PLACE and not os.path.isfile(staged.path):
            self._put_place(staged.path, target)
        else:
            self._put_file(staged.path, target, 0o644)

    def _put_folder(self, staged: Staged, target: str) -> None:
        with open(staged.path, "rb") as file:
            folder = folder_from_bytes(file.read())
        self._make_folder(target)
        for name in folder.folders:
            self._make_folder(os.path.join(target, *name.split("/")))
        for one in folder.files:
            path = os.path.join(target, *one.path.split("/"))
            self._make_folder(os.path.dirname(path))
            self._put_file(staged.files[one.digest], path, 0o755 if one.executable else 0o644)

    def _put_place(self, source: str, target: str) -> None:
        """A path of a datastore; one that is not there is an empty folder (sdk.md 21, trap 16)."""
        self._make_folder(target)
        for parent, folders, files in os.walk(source):
            inner = os.path.normpath(os.path.join(target, os.path.relpath(parent, source)))
            for name in folders:
                if not os.path.islink(os.path.join(parent, name)):
                    self._make_folder(os.path.join(inner, name))
            for name in files:
                path = os.path.join(parent, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    self._put_file(path, os.path.join(inner, name), 0o644)

    def _put_listing(self, files: Mapping[str, str], target: str) -> None:
        """Files of a store elsewhere; none at all is an empty folder, too."""
        check_paths(files)
        self._make_folder(target)
        for place, source in files.items():
            path = os.path.join(target, *place.split("/"))
            self._make_folder(os.path.dirname(path))
            self._put_file(source, path, 0o644)

    def _put_file(self, source: str, target: str, mode: int) -> None:
        if not link_large(source, target, self._uid):
            shutil.copyfile(source, target)
            os.chmod(target, mode)
            self._own(target)
        self.bytes_placed += os.stat(target).st_size

    def _make_folder(self, path: str) -> None:
        missing = []
        while not os.path.isdir(path):
            missing.append(path)
            path = os.path.dirname(path)
        for folder in reversed(missing):
            os.mkdir(folder, 0o755)
            self._own(folder)

    def _own(self, path: str) -> None:
        if self._uid is not None:
            os.chown(path, self._uid, self._uid)

    def _path(self, place: str) -> str:
        """Where a place lies; graphs come from outside, and so do the names of their ports.

        Raises
        ------
        ValueError
            The place would be outside of the work folder.
        """
        check_paths([place])
        return os.path.join(self._work, *place.split("/"))

    # -- after ----------------------------------------------------------------------------------------------

    def take(self, kept_folder: str, is_complete: bool) -> Left:
        """Move what the step left into ``kept_folder``; the box is dead. Outputs only of a complete step."""
        notices: list[str] = []
        files: list[str] = []
        for name in KEPT_FOLDERS:
            source = self._path(f"{STEP_FOLDER}/{name}")
            target = os.path.join(kept_folder, "files", name)
            if self._move(source, target):
                files += [f"{name}/{path}" for path in plain_files(target, notices)]
        if len(files) > MOST_FILES:
            notices.append(f"{len(files) - MOST_FILES} files of outputs/ and logs/ were left out: too many.")
        outputs: dict[str, Produced] = {}
        for port, place in self._command.outputs.items() if is_complete else ():
            target = os.path.join(kept_folder, "outputs", port)
            if not self._move(self._path(place), target):
                notices.append(f"The step wrote nothing to its output '{port}'.")
                continue
            kind = "Folder" if os.path.isdir(target) else "File"
            outputs[port] = Produced(kind, target, name=place.split("/", 2)[-1])
        return Left(outputs, tuple(files[:MOST_FILES]), tuple(notices))

    def _move(self, source: str, target: str) -> bool:
        """Whether there was something to move; it is ours from then on, and a link is nothing."""
        with contextlib.suppress(OSError):
            if os.path.islink(source) or not os.path.exists(source):
                return False
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)
            os.rename(source, target)
            _make_ours(target, had_links=self._uid is not None)
            return True
        return False


def plain_files(folder: str, notices: list[str]) -> Iterator[str]:
    """Paths of the plain files below a folder, sorted; links, pipes and the like are told in ``notices``."""
    refused = 0
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(parent, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                yield os.path.relpath(path, folder)
            else:
                refused += 1
    if refused:
        notices.append(f"{refused} links or special files in '{os.path.basename(folder)}' were left out.")


def _make_ours(path: str, had_links: bool) -> None:
    """Owner and modes with which the agent, and whoever shares its home, can read what a box wrote."""
    uid, gid = os.geteuid(), os.getegid()
    for parent, folders, files in _from_top(path):
        for name in (*folders, *files, ""):
            one = os.path.join(parent, name) if name else parent
            if os.path.islink(one):
                continue
            if had_links:
                unshare(one)
            status = os.lstat(one)
            if status.st_uid != uid:
                os.chown(one, uid, gid)
            os.chmod(one, status.st_mode & 0o700 | (0o700 if stat.S_ISDIR(status.st_mode) else 0o600))


def _from_top(path: str) -> Iterator[tuple[str, list[str], list[str]]]:
    if not os.path.isdir(path):
        yield path, [], []
        return
    os.chmod(path, 0o700)
    for parent, folders, files in os.walk(path):
        for name in folders:
            inner = os.path.join(parent, name)
            if not os.path.islink(inner):
                os.chmod(inner, 0o700)
        yield parent, folders, files
