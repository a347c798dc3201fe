"""A loop without end is stopped at its time limit, and at once when somebody cancels.

status = "failed"
reason = "timeout"
wall_max_s = 8
also = "cancel"
host = ["server_healthy", "no_leftovers"]
"""


def azureml_main(dataframe1=None, dataframe2=None):
    while True:
        pass
