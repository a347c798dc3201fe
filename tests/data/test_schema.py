from __future__ import annotations

import json

import numpy as np
import pandas as pd

from skyloom.data.column_schema import INACCURATE, predicted_schema_json
from skyloom.data.from_frame import table_from_frame
from skyloom.data.schema import schema_json
from tests.strategies import times

TABLE = table_from_frame(
    pd.DataFrame(
        {
            "i": [1, 2],
            "f": [1.5, np.nan],
            "b": [True, False],
            "s": ["x", "y"],
            "t": times("2020", None),
            "d": pd.to_timedelta(["1s", "2s"]),
            "c": pd.Categorical(["u", None], ordered=True),
            "o": pd.Series([b"x", None], dtype=object),
        }
    )
)


def test_each_type_has_studios_words() -> None:
    words = {
        column["name"]: (column["type"], column["elementType"]["typeName"])
        for column in schema_json(TABLE)["columnAttributes"]
    }
    assert words == {
        "i": ("Numeric", "int64"), "f": ("Numeric", "float64"), "b": ("Binary", "bool"),
        "s": ("String", "str"),
        "t": ("DateTime", "datetime64"), "d": ("TimeSpan", "timedelta64"), "c": ("Categorical", "category"),
        "o": ("Object", "object"),
    }  # fmt: skip


def test_missing_cells_make_a_column_nullable() -> None:
    nullable = {c["name"] for c in schema_json(TABLE)["columnAttributes"] if c["elementType"]["isNullable"]}
    assert nullable == {"f", "t", "c", "o"}


def test_categories_are_told_with_their_type() -> None:
    category = schema_json(TABLE)["columnAttributes"][6]
    assert category["underlyingElementType"]["typeName"] == "str"
    assert category["domain"] == {"categoryType": "str", "isNullable": True, "categories": ["u"]}
    assert category["properties"] == {"ordered": "true"}


def test_labels_and_scores_are_listed_by_role() -> None:
    table = TABLE.with_attributes(
        {
            "b": TABLE.column("b").attributes.as_label(),
            "f": TABLE.column("f").attributes.as_score("Calibrated Score"),
        }
    )
    schema = schema_json(table)
    assert schema["labelColumns"] == {"True Labels": "b"}
    assert schema["scoreColumns"] == {"Calibrated Score": "f"}
    assert [c["isFeature"] for c in schema["columnAttributes"]][:3] == [True, False, False]


def test_a_predicted_schema_says_how_sure_it_is() -> None:
    schema = predicted_schema_json(list(TABLE.schema), INACCURATE)
    assert schema["isInaccurate"] == 2 and len(schema["columnAttributes"]) == 8


def test_infinite_and_dated_categories_are_strict_json() -> None:
    frame = pd.DataFrame(
        {"f": pd.Categorical([np.inf, 1.0]), "t": pd.Categorical(pd.to_datetime(["2020", "2021"]))}
    )
    json.dumps(schema_json(table_from_frame(frame)), allow_nan=False)
