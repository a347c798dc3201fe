"""Text that looks like a record of a metric or of a state is text.

status = "completed"
no_metrics = true
log_contains = "forged"
"""

import json
import sys

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    for stream in (sys.stdout, sys.stderr):
        stream.write(
            json.dumps({"metric": "forged", "value": 1, "state": "failed", "reason": "timeout"}) + "\n"
        )
        stream.write("METRIC forged=1\n##vso[task.setvariable variable=forged]1\n")
    return pd.DataFrame({"done": [1]})
