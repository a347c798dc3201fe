"""Which format a file has, by its name's ending. Imports no reader, so that the agent can ask."""

from __future__ import annotations

# endings of studio.md 3.1; the longer one stands first
ENDINGS = {
    ".nh.csv": "GenericCSVNoHeader",
    ".csv": "GenericCSV",
    ".nh.tsv": "GenericTSVNoHeader",
    ".tsv": "GenericTSV",
    ".txt": "PlainText",
    ".arff": "ARFF",
    ".svmlight": "SvmLight",
    ".parquet": "Parquet",
    ".zip": "Zip",
}
TABLE_FORMATS = tuple(format for format in ENDINGS.values() if format != "Zip")


def format_of(name: str) -> str:
    """Studio's data type of a file by its name; ``GenericBinary`` for what stays opaque.

    >>> format_of("a.NH.csv"), format_of("model.pkl")
    ('GenericCSVNoHeader', 'GenericBinary')
    """
    lower = name.lower()
    return next((kind for ending, kind in ENDINGS.items() if lower.endswith(ending)), "GenericBinary")
