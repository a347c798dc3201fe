"""What a step logs and uploads, handed from its own process to the box's: one line of JSON each."""

from __future__ import annotations

import json
import os
import stat
from typing import BinaryIO, List, Tuple

from skyloom.core.identity import Json
from skyloom.core.step_words import OF_RUN, RECORD_FOLDER
from skyloom.runner.fence import safe_text
from skyloom.runner.run_context import METRICS_LIMIT, Recorder

FOLDER = RECORD_FOLDER
_FILE = "record.jsonl"
_MOST_LINES = 2 * METRICS_LIMIT
_MOST_LINE_BYTES = 8 << 20


class StepRecorder(Recorder):
    """A Recorder whose every entry is written at once, so that a step that is killed keeps what it logged.

    Processes that the step starts share the file; a line is written by one call.
    """

    is_step = True
    of_run = OF_RUN

    def __init__(self, work: str) -> None:
        super().__init__(work, lambda text: None)
        os.makedirs(os.path.join(work, FOLDER), exist_ok=True)
        self._file = os.open(
            os.path.join(work, FOLDER, _FILE), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
        )
        self.uploads.on_name = self._tell_file

    def record(self, name: str, value: Json) -> None:
        """Keep a metric."""
        super().record(name, value)
        self._write(["metric", safe_text(name)[:255], value])

    def label(self, kind: str, name: str, value: str, of_run: bool) -> None:
        """Keep a tag or property."""
        super().label(kind, name, value, of_run)
        self._write(["label", kind, safe_text(name)[:255], safe_text(value), of_run])

    def _tell_file(self, name: str) -> None:
        self._write(["file", name])

    def _write(self, entry: List[Json]) -> None:
        os.write(self._file, (json.dumps(entry) + "\n").encode())


def read_record(folder: str, recorder: Recorder) -> None:
    """Put what the step's processes wrote into ``recorder``; lines that do not read are left out."""
    try:
        file = open_plain(os.path.join(folder, _FILE))
    except OSError:
        return
    with file:
        for _ in range(_MOST_LINES):
            line = file.readline(_MOST_LINE_BYTES)
            if not line:
                return
            kind, words = _entry(line)
            if kind == "metric" and len(words) == 2:
                recorder.record(str(words[0]), words[1])
            elif kind == "file" and len(words) == 1 and str(words[0]) not in recorder.uploads.names:
                recorder.uploads.names.append(str(words[0]))
            elif kind == "label" and len(words) == 4:
                recorder.label(str(words[0]), str(words[1]), str(words[2]), bool(words[3]))


def open_plain(path: str) -> BinaryIO:
    """Open a file that a step wrote: a plain one, in a plain folder, and nothing else put in its place.

    Raises
    ------
    OSError
        It is not there, or is something else.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    folder = os.open(os.path.dirname(path), flags | os.O_DIRECTORY)
    try:
        descriptor = os.open(os.path.basename(path), flags | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a plain file")
    return os.fdopen(descriptor, "rb")


def _entry(line: bytes) -> Tuple[str, List[Json]]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return "", []
    if not isinstance(entry, list) or not entry:
        return "", []
    return str(entry[0]), entry[1:]
