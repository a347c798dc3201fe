from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.problem import ProblemError
from skyloom.data.formats.detect import read_table


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("f.csv", b"a,b\n1,2\n", ("a", "b")),
        ("f.nh.csv", b"a,b\n", ("Col1", "Col2")),
        ("f.tsv", b"a\tb\n1\t2\n", ("a", "b")),
        ("f.nh.tsv", b"a\tb\n", ("Col1", "Col2")),
        ("f.txt", b"a,b\n", ("Col1",)),
        ("f.arff", b"@attribute a numeric\n@data\n1\n", ("a",)),
        ("f.svmlight", b"1 1:2\n", ("Col1", "Labels")),
    ],
)
def test_every_format_is_read_by_its_name(tmp_path: Path, name: str, content: bytes, columns: object) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_table(str(tmp_path / name)).names == columns


class Boom:
    def __reduce__(self) -> Any:
        return (os.mkdir, ("loaded",))


@pytest.mark.parametrize(
    "name", ["m.pkl", "m.joblib", "m.npz", "m.npy", "m.xlsx", "m.RData", "m.yml", "m", "m.csv.gz"]
)
def test_opaque_files_are_refused_and_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(pickle.dumps(Boom()))
    with pytest.raises(ProblemError, match="D040"):
        read_table(str(tmp_path / name))
    assert not (tmp_path / "loaded").exists()


def test_the_only_table_of_an_archive_needs_no_name(tmp_path: Path) -> None:
    path = str(tmp_path / "z.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/rows.tsv", "a\tb\n1\t2\n")
        archive.writestr("README.md", "text")
    assert read_table(path).names == ("a", "b")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.csv", "c\n1\n")
    with pytest.raises(ProblemError, match="D048") as caught:
        read_table(path)
    assert "more.csv" in caught.value.problem.fix
    assert read_table(path, member="more.csv").names == ("c",)


def test_archives_in_archives_are_not_opened(tmp_path: Path) -> None:
    path = str(tmp_path / "z.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.zip", b"")
    with pytest.raises(ProblemError, match="D048"):
        read_table(path, member="inner.zip")
