"""SystemExit while the file is loaded is an error with its line, whatever its code.

status = "failed"
log_contains = "SystemExit"
host = ["server_healthy"]
"""

import sys

sys.exit(0)


def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1
