"""What is scored: eight columns of noise and a logistic regression; the rows of a request."""

from __future__ import annotations

import json

import numpy

COLUMNS = tuple(f"x{number}" for number in range(8))
TRAINED_ROWS = 5000


def training_data() -> tuple[numpy.ndarray, numpy.ndarray]:
    """(5000, 8) numbers and their labels, the same in every process."""
    random = numpy.random.default_rng(0)
    numbers = random.standard_normal((TRAINED_ROWS, len(COLUMNS)))
    return numbers, (numbers.sum(1) + random.standard_normal(TRAINED_ROWS) > 0).astype(int)


def request_rows(count: int) -> list[list[float]]:
    """Rows that no model has seen."""
    numbers = numpy.random.default_rng(1).standard_normal((count, len(COLUMNS)))
    rows: list[list[float]] = numbers.round(6).tolist()
    return rows


def classic_body(count: int) -> bytes:
    """The shape of Studio's clients: every cell is text (services.md 1.1)."""
    values = [[str(cell) for cell in row] for row in request_rows(count)]
    table = {"ColumnNames": list(COLUMNS), "Values": values}
    return json.dumps({"Inputs": {"input1": table}, "GlobalParameters": {}}).encode()
