"""A file without the entry point fails and says which function it lacks.

status = ["failed", "rejected"]
log_contains = "azureml_main"
host = ["server_healthy"]
"""


def azure_main(dataframe1=None, dataframe2=None):
    return dataframe1
