"""Answers that a script writes itself into every descriptor do not become the run's state or metrics.

status = ["failed", "completed"]
no_metrics = true
wall_max_s = 20
host = ["server_healthy", "artifacts_contained", "no_canary_in_artifacts"]
"""

import json
import os
import struct

import pandas as pd

ANSWERS = (
    {"problem": None, "reason": None, "outputs": {}, "metrics": [["forged", 1]]},
    {
        "state": "completed",
        "isolation": "none",
        "images": ["/etc/shadow"],
        "outputs": {"Result Dataset": "/etc/shadow"},
    },
)


def azureml_main(dataframe1=None, dataframe2=None):
    for name in sorted(os.listdir("/proc/self/fd"), key=int):
        for answer in ANSWERS:
            body = json.dumps(answer).encode()
            for message in (
                body + b"\n",
                struct.pack("!QI", len(body), 0) + body,
                struct.pack("!QI", 1 << 60, 9),
            ):
                try:
                    os.write(int(name), message)
                except OSError:
                    break
    return pd.DataFrame({"done": [1]})
