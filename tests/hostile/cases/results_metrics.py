"""Metrics that JSON has no word for are told all the same, and hostile names change nothing.

status = "completed"
json = "strict"
host = ["server_healthy", "ui_escapes_values"]
"""

import pandas as pd
from azureml.core import Run


def azureml_main(dataframe1=None, dataframe2=None):
    run = Run.get_context()
    for name, value in {
        "not a number": float("nan"),
        "infinite": float("-inf"),
        "large": 2**300,
        "half \ud800": "\udfff",
        "\x1b[31mred": "\x1b[2J",
        "__proto__": 1,
        "../../escape": 2,
    }.items():
        run.log(name, value)
    for number in range(3000):
        run.log("many", number)
    return pd.DataFrame({"done": [1]})
