"""Whether a step wants what the warm zygote has loaded, told from the imports of its script.

Forking a process that holds pandas costs about ten milliseconds more than forking one that holds the standard
library only. A step that imports nothing else starts from such a lean one. The finding decides about time
alone: what is not loaded is imported.
"""

from __future__ import annotations

import posixpath
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from skyloom.core.folder import folder_from_bytes
from skyloom.core.task import Command

_MOST_FILES = 100
_MOST_BYTES = 1 << 20  # of one file
_KEPT = 256
_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([^\n#;]+))", re.MULTILINE)
_LOADED_ANYHOW = (*sys.stdlib_module_names, "azureml", "skyloom")
_HEAVY = b"pandas"  # also in words such as to_pandas_dataframe


class StepWeights:
    """Remembers the findings; safe to share between threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], bool] = OrderedDict()
        self._change = threading.Lock()

    def is_light(self, command: Command, language: str) -> bool:
        """Whether the step needs no library but the standard one, as far as can be seen."""
        if language == "usql":
            return False  # it is carried out by the box itself
        if language != "python":
            return True  # it starts a program of its own
        script = command.argv[0] if command.argv else ""
        if not isinstance(script, str):
            return False
        key = command.snapshot.digest, script
        with self._change:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = _is_light(command, posixpath.normpath(script))
        with self._change:
            self._known[key] = found
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found


def _is_light(command: Command, script: str) -> bool:
    try:
        with open(command.snapshot.path, "rb") as file:
            folder = folder_from_bytes(file.read())
        places = {one.path: command.snapshot.files[one.digest] for one in folder.files}
        return all(_text_is_light(text, script, places) for text in _texts(script, places))
    except (OSError, ValueError, KeyError):  # told when the step's folder is laid out
        return False


def _text_is_light(text: bytes, script: str, places: Mapping[str, str]) -> bool:
    if _HEAVY in text:
        return False
    return all(name in _LOADED_ANYHOW or _own_files(name, script, places) for name in _imported(text))


def _texts(script: str, places: Mapping[str, str]) -> Iterator[bytes]:
    """The script, and the files of the snapshot that it imports, and so on."""
    ahead, seen = [script], {script}
    while ahead and len(seen) <= _MOST_FILES:
        with open(places[ahead.pop()], "rb") as file:
            text = file.read(_MOST_BYTES)
        yield text
        for name in _imported(text):
            new = [path for path in _own_files(name, script, places) if path not in seen]
            ahead += new
            seen.update(new)


def _imported(text: bytes) -> set[str]:
    """Top-level names after ``import`` and ``from``; relative imports are of a package that is seen whole."""
    names: set[str] = set()
    for one, many in _IMPORT.findall(text):
        for word in (one,) if one else many.split(b","):
            name = word.split(b" as ")[0].strip().split(b".")[0]
            if name:
                names.add(name.decode("ascii", "replace"))
    return names


def _own_files(name: str, script: str, places: Mapping[str, str]) -> list[str]:
    beside = posixpath.join(posixpath.dirname(script), name)
    return [
        path
        for path in places
        if path == beside + ".py" or (path.startswith(beside + "/") and path.endswith(".py"))
    ]
