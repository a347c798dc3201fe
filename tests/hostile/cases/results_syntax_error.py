"""A file that does not parse fails with its line.

status = ["failed", "rejected"]
log_contains = "line"
appended = "    return (dataframe1"
host = ["server_healthy"]
"""


def azureml_main(dataframe1=None, dataframe2=None):
    pass
