"""A toy run through the whole path, so that the next real one finds every page of memory touched.

A freshly forked spare spends most of its first run on copy-on-write faults; after this it does not.
"""

from __future__ import annotations

import linecache
import os
import shutil
import sys
import tempfile
from functools import lru_cache
from typing import Any

import pandas

from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import seal_table, write_table
from skyloom.runner import azureml_names
from skyloom.runner.execute import execute
from skyloom.runner.python_script import MODULE, SCRIPT_FILE

# what most scripts do: arithmetic on a column, a new column, a selection, a text column touched
_SCRIPT = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["y"] = dataframe1["n"] * 2 + dataframe1["x"].fillna(0)
    dataframe1["t"] = dataframe1["s"].str.upper()
    kept = dataframe1[dataframe1["y"] >= 0].reset_index(drop=True)
    print("dry run", len(kept), file=open(__import__("os").devnull, "w"))
    return kept,
"""


def dry_run() -> None:
    """Run a toy script in this process and leave no trace: folder, paths, modules and streams are as before.

    Raises
    ------
    RuntimeError
        When the toy does not come out whole: this interpreter cannot run scripts.
    """
    before = _State()
    folder = tempfile.mkdtemp(prefix="skyloom-dry-")
    given, made = os.memfd_create("given"), os.memfd_create("made")
    try:
        os.write(given, _stored_toy())
        answer = execute(_message(folder), [given, made])
    finally:
        before.put_back()
        os.close(given)
        os.close(made)
        linecache.cache.pop(os.path.join(folder, SCRIPT_FILE), None)
        shutil.rmtree(folder, ignore_errors=True)
    if answer["problem"] is not None:
        raise RuntimeError(f"the dry run failed: {answer['problem']['message']}")


class _State:
    """What a run changes in its process for good, because its process ends with it."""

    def __init__(self) -> None:
        self._folder = os.getcwd()
        self._path = list(sys.path)
        self._argv = list(sys.argv)
        self._finders = list(sys.meta_path)
        self._streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
        self._backend = os.environ.get("MPLBACKEND")

    def put_back(self) -> None:
        os.chdir(self._folder)
        sys.path[:] = self._path
        sys.argv = self._argv
        azureml_names.uninstall()
        sys.meta_path[:] = self._finders
        sys.modules.pop(MODULE, None)
        sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__ = self._streams  # type: ignore[misc]
        if self._backend is None:
            os.environ.pop("MPLBACKEND", None)


@lru_cache(maxsize=None)
def _stored_toy() -> bytes:
    """The toy's table as it lies in a store; made once, in the zygote, since what makes it does not count."""
    frame = pandas.DataFrame(
        {"n": range(10), "x": [0.5, None] * 5, "s": [*"abcdefghi", None], "b": [True] * 10}
    )
    with tempfile.TemporaryFile() as file:
        seal_table(file.fileno(), write_table(table_from_frame(frame), file.fileno()), {})
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def _message(folder: str) -> Any:
    return {
        "entry": {"kind": "script", "language": "python", "function": "azureml_main"},
        "values": {"Python Script": _SCRIPT},
        "inputs": {
            "Dataset1": {
                "type": "Dataset",
                "name": "",
                "digest": "sha256:" + "0" * 64,
                "file": 0,
                "files": {},
            }
        },
        "outputs": {"Result Dataset": {"type": "Dataset", "file": 1}},
        "work": folder,
    }
