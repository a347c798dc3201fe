"""What is returned is a text: the message names the function and says what is wanted.

status = "failed"
reason = "no_result"
log_contains_all = ["azureml_main", "DataFrame"]
host = ["server_healthy"]
"""


def azureml_main(dataframe1=None, dataframe2=None):
    return "a frame, honestly"
