"""Columns and rows with several levels of names become a plain table.

status = ["completed", "failed"]
unique_columns = true
json = "strict"
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    columns = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", None), ("a", 1)])
    rows = pd.MultiIndex.from_product([["x", "y"], [1]], names=["level", "level"])
    return pd.DataFrame([[1, 2, 3, 4], [5, 6, 7, 8]], columns=columns, index=rows)
