"""Numbers that other systems cannot hold are stored, or refused by name; the JSON stays strict.

status = ["completed", "failed"]
json = "strict"
"""

import decimal

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame(
        {
            "unsigned": pd.Series([2**64 - 1, 0], dtype="uint64"),
            "huge": pd.Series([2**200, -1], dtype=object),
            "infinite": [float("inf"), float("-inf")],
            "complex": [1 + 2j, 0j],
            "decimal": pd.Series([decimal.Decimal("1e5000"), decimal.Decimal("NaN")], dtype=object),
            "half": pd.Series([65504.0, 1e-7], dtype="float16"),
            "missing": pd.Series([None, 1], dtype="Int8"),
        }
    )
