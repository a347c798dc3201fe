"""Column names of every kind become text, and repeated ones stay apart.

status = "completed"
unique_columns = true
"""

import datetime

import pandas as pd

NAMES = (
    "b",
    "b",
    "b (2)",
    "b",
    7,
    7.0,
    None,
    ("t", 2),
    "b (2)",
    "",
    "",
    float("nan"),
    datetime.date(2020, 1, 2),
    True,
    b"x",
)


def azureml_main(dataframe1=None, dataframe2=None):
    frame = pd.DataFrame([range(len(NAMES))])
    frame.columns = pd.Index(list(NAMES), dtype=object, tupleize_cols=False)
    return frame
