"""A message of a hundred megabytes is cut, not stored.

status = "failed"
reason = ["script_error", "memory"]
log_max_bytes = 21000000
wall_max_s = 30
json = "strict"
host = ["server_healthy", "memory_under_cap"]
"""


def azureml_main(dataframe1=None, dataframe2=None):
    raise ValueError("m" * 100_000_000)
