from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.compute.step_weight import StepWeights
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import digest_of_bytes
from skyloom.core.module import PathOf
from skyloom.core.task import Command, Staged


def command(tmp_path: Path, *, word: str | PathOf = "train.py", **files: str) -> Command:
    listed, paths = [], {}
    for name, text in files.items():
        digest = digest_of_bytes(text.encode())
        path = tmp_path / digest[7:]
        path.write_text(text)
        paths[str(digest)] = str(path)
        listed.append(FolderFile(name.replace("__", "/") + ".py", digest, len(text), False))
    content = Folder(tuple(listed)).as_bytes()
    (tmp_path / "list").write_bytes(content)
    snapshot = Staged("Folder", str(tmp_path / "list"), digest_of_bytes(content), "snapshot", paths)
    return Command(snapshot, (word,), {}, {}, {})


@pytest.mark.parametrize(
    ("script", "light"),
    [
        ("import os, sys as s, json.decoder\nfrom azureml.core import Run", True),
        ("def f():\n    import sklearn.svm as svm", False),
        ("import os, numpy as np", False),
        ("from azureml.core import Run\nframe = data.to_pandas_dataframe()", False),
        ("important = 1\n# import numpy", True),
        ("import near", True),
        ("import far", False),
        ("from pack.inner import thing", False),
    ],
)
def test_what_a_script_imports_decides(tmp_path: Path, script: str, light: bool) -> None:
    given = command(
        tmp_path, train=script, near="import os", far="import near, torch", pack__inner="import torch"
    )
    assert StepWeights().is_light(given, "python") is light


def test_what_cannot_be_seen_is_heavy_and_a_program_light(tmp_path: Path) -> None:
    weights = StepWeights()
    assert not weights.is_light(command(tmp_path, word="gone.py", train="import os"), "python")
    assert not weights.is_light(command(tmp_path, word=PathOf("in"), train="import os"), "python")
    assert weights.is_light(command(tmp_path, word="sh", train="import numpy"), "program")
