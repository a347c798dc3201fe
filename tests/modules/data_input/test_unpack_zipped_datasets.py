from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.modules.running import problems_of, rows, run

NAME = "Unpack Zipped Datasets"


def _zip(folder: Path, **files: str) -> str:
    path = folder / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return str(path)


def _unpack(path: str, **values: Any) -> Any:
    return run(NAME, path, {name.replace("_", " "): value for name, value in values.items()})[0]


def test_the_only_file_of_an_archive_is_read_without_its_name(tmp_path: Path) -> None:
    path = _zip(tmp_path, **{"a.csv": "1,x\n2,y\n"})
    assert rows(_unpack(path)) == [(1, "x"), (2, "y")]
    assert _unpack(path).names == ("Col1", "Col2")


def test_a_header_row_and_another_format_are_told_by_parameters(tmp_path: Path) -> None:
    path = _zip(tmp_path, **{"a.csv": "k,l\n1,x\n", "folder/b.tsv": "m\tn\n1\t2\n"})
    assert _unpack(path, Dataset_to_Unpack="a.csv", File_has_header_row=True).names == ("k", "l")
    made = _unpack(
        path, Dataset_to_Unpack="folder/b.tsv", Dataset_file_format="TSV", File_has_header_row=True
    )
    assert made.names == ("m", "n") and rows(made) == [(1, 2)]


def test_svmlight_and_arff_are_read_too(tmp_path: Path) -> None:
    path = _zip(tmp_path, **{"a": "1 1:2\n", "b": "@relation r\n@attribute n numeric\n@data\n7\n"})
    assert _unpack(path, Dataset_to_Unpack="a", Dataset_file_format="SVMLIGHT").names == ("Col1", "Labels")
    assert rows(_unpack(path, Dataset_to_Unpack="b", Dataset_file_format="ARFF")) == [(7,)]


def test_a_gzip_file_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"k\n5\n"))
    made = _unpack(str(path), Compression_file_format="Gzip", File_has_header_row=True)
    assert made.names == ("k",) and rows(made) == [(5,)]


def test_several_files_need_a_name_that_is_there(tmp_path: Path) -> None:
    path = _zip(tmp_path, **{"a.csv": "1", "b.csv": "2"})
    ((code, _, fix),) = problems_of(NAME, path)
    assert code == "M0132" and "a.csv, b.csv" in fix
    ((code, _, fix),) = problems_of(NAME, path, {"Dataset to Unpack": "c.csv"})
    assert code == "M0133" and "a.csv, b.csv" in fix


def test_an_empty_archive_has_no_file_to_read(tmp_path: Path) -> None:
    assert problems_of(NAME, _zip(tmp_path))[0][0] == "M0132"


@pytest.mark.parametrize("kind", ["Zip", "Gzip"])
def test_what_is_no_archive_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    path.write_text("not an archive")
    assert problems_of(NAME, str(path), {"Compression file format": kind})[0][0] == "D048"


def test_a_gzip_bomb_and_a_cut_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"0" * (1 << 25)))
    (problem,) = problems_of(NAME, str(path), {"Compression file format": "Gzip"})
    assert problem[0] == "D048" and "more than it may" in problem[1]
    path.write_bytes(gzip.compress(b"1,2,3")[:-6])
    assert problems_of(NAME, str(path), {"Compression file format": "Gzip"})[0][0] == "D048"
