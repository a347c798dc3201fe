"""KeyboardInterrupt and other exceptions that are no Exception are errors of the script.

status = "failed"
reason = "script_error"
log_contains = "KeyboardInterrupt"
host = ["server_healthy"]
"""


def azureml_main(dataframe1=None, dataframe2=None):
    raise KeyboardInterrupt("from inside")
