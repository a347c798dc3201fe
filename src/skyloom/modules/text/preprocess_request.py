"""What the parameters of Preprocess Text ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.missing import missing_mask
from skyloom.data.table import Column, Table
from skyloom.data.text_cells import cells_from_bytes
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.cells import column_of_text
from skyloom.modules.tables.selection import picked_column
from skyloom.modules.text.preprocessing import Preprocessing
from skyloom.modules.text.stop_words import STOP_WORDS
from skyloom.modules.text.words import texts_of

_EXPRESSION = "Custom regular expression"
_GROUP = re.compile(r"\$(\d+)")  # as .NET names a group in a replacement


def preprocessing_of(
    values: Mapping[str, Any], stop_words: Table | None, fields: Mapping[str, str]
) -> Preprocessing:
    """The steps; ``fields`` has the simple ones, parameter to field.

    Raises
    ------
    ProblemError
        D301 removal by part of speech, M0002 an expression that is none, M0022 and M0017 unusable stop words.
    """
    if values.get("Remove by part-of-speech") == "True":
        raise ProblemError(
            Problem(
                "D301",
                "Words cannot be removed by their part of speech: that needs a model of the language.",
                "Remove by part-of-speech",
                "Choose False, and list words to leave out in the second input.",
            )
        )
    custom, replacement = _expression(
        values.get(_EXPRESSION) or "", values.get("Custom replacement string") or ""
    )
    return Preprocessing(
        stop_words=_listed(stop_words) if values["Remove stop words"] else frozenset(),
        lemmas=values["Use lemmatization"],
        contractions=bool(values.get("Expand verb contractions")),
        backslashes=values["Normalize backslashes to slashes"],
        split=values["Split tokens on special characters"],
        custom=custom,
        replacement=replacement,
        **{field: bool(values[name]) for name, field in fields.items()},
    )


def english_rows(table: Table, values: Mapping[str, Any], parameter: str) -> Sequence[bool]:
    """For each row whether it is English; all of them without a column that says so."""
    if not values.get(parameter):
        return [True] * table.rows
    languages = texts_of(table.column(picked_column(table, values, parameter)), parameter)
    return [language.strip().lower().startswith("en") for language in languages]


def text_column(name: str, texts: Sequence[str], original: Column) -> Column:
    """A String column, missing where the original is."""
    missing = missing_mask(original)
    parts = [b"" if gone else text.encode("utf-8", "replace") for text, gone in zip(texts, missing)]
    return column_of_text(ColumnAttributes(name, "String"), cells_from_bytes(parts, missing))


def _listed(table: Table | None) -> frozenset[str]:
    if table is None:
        return STOP_WORDS
    if len(table.columns) != 1:
        raise studio_error(
            22,
            f"The stop words have {len(table.columns)} columns.",
            "Stop words",
            "Give one column with a word in each row.",
        )
    words = texts_of(table.columns[0], "Stop words")
    return frozenset(word.strip().lower() for word in words if word.strip())


def _expression(text: str, replacement: str) -> tuple[re.Pattern[str] | None, str]:
    """The expression, None when there is none, and its replacement as Python writes it."""
    if not text:
        return None, ""
    replacement = _GROUP.sub(r"\\g<\1>", replacement)
    try:
        pattern = re.compile(text)
        pattern.sub(replacement, "")  # names of groups in the replacement are checked at once
    except (re.error, IndexError, RecursionError) as error:
        raise studio_error(
            2, f"The expression or its replacement is not valid: {error}.", _EXPRESSION, "Correct it."
        ) from error
    return pattern, replacement
