"""The log holds the whole stack trace: the user's file, lines and functions, and nothing of ours above them.

status = "failed"
reason = "script_error"
log_contains = "ZeroDivisionError"
log_contains_all = ["azureml_main", "divide", "line"]
host = ["server_healthy"]
"""


def divide(number):
    return number / 0


def azureml_main(dataframe1=None, dataframe2=None):
    return divide(1)
