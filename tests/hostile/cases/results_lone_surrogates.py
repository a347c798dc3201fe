"""Text that is not Unicode is mended or refused with a message; what is stored and told stays readable.

status = ["failed", "completed"]
json = "strict"
host = ["server_healthy", "ui_escapes_log"]
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    print("half a pair: \ud83d and a byte: \udcff")
    return pd.DataFrame({"plain": ["a", "b"], "half \udbff": ["\ud800", "nul \x00 inside"]})
