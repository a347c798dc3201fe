"""Room that is hidden counts as well: temporary folders, deleted files, folders nobody may enter.

status = "failed"
reason = ["disk", "script_error"]
wall_max_s = 30
host = ["disk_freed", "server_healthy"]
"""

import os
import tempfile

import pandas as pd

PART = os.urandom(1 << 20) * 16


def azureml_main(dataframe1=None, dataframe2=None):
    os.mkdir("closed")
    kept = []
    for number in range(40):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(PART)
        with open(f"closed/{number}.bin", "wb") as file:
            file.write(PART)
        kept.append(open(f"gone{number}.bin", "w+b"))
        os.unlink(f"gone{number}.bin")
        kept[-1].write(PART)
        kept[-1].flush()
    os.chmod("closed", 0)
    return pd.DataFrame({"done": [len(kept)]})
