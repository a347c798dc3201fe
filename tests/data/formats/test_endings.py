from __future__ import annotations

import pytest

from skyloom.data.formats.endings import format_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "GenericCSV"), ("a.NH.CSV", "GenericCSVNoHeader"), ("a.tsv", "GenericTSV"),
        ("a.nh.tsv", "GenericTSVNoHeader"), ("a.txt", "PlainText"), ("a.arff", "ARFF"),
        ("a.svmlight", "SvmLight"), ("a.parquet", "Parquet"), ("a.zip", "Zip"), ("a.pkl", "GenericBinary"),
        ("a.csv.gz", "GenericBinary"),
    ],
)  # fmt: skip
def test_the_ending_tells_the_format(name: str, expected: str) -> None:
    assert format_of(name) == expected
