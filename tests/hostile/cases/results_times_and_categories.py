"""Rare but legal types are stored or refused by name, never dropped in silence.

status = ["completed", "failed"]
json = "strict"
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    zoned = pd.to_datetime(["2021-10-31 00:30", None], utc=True).tz_convert("Europe/Berlin")
    return pd.DataFrame(
        {
            "zoned": zoned,
            "before time": pd.Series([pd.Timestamp("1677-09-22"), pd.NaT]),
            "seconds": pd.Series(["0001-01-01", "9999-12-31"], dtype="datetime64[s]"),
            "period": pd.period_range("2021Q1", periods=2, freq="Q"),
            "span": pd.to_timedelta(["-1 days", None]),
            "category": pd.Categorical(["<b>", None], categories=["<b>", "unused"], ordered=True),
            "numbers as category": pd.Categorical([1.5, 2.5]),
            "interval": pd.interval_range(0, 2),
            "sparse": pd.arrays.SparseArray([0, 1]),
        }
    )
