"""An exception whose text cannot be made, or is endless, still becomes a failure with its class.

status = "failed"
reason = "script_error"
json = "strict"
log_contains = "Unspeakable"
wall_max_s = 20
host = ["server_healthy", "ui_escapes_log"]
"""


class Unspeakable(Exception):
    def __str__(self):
        raise Unspeakable

    __repr__ = __str__


def azureml_main(dataframe1=None, dataframe2=None):
    cause = ValueError("\x1b[2J\ud800" + "x" * 1000)
    for _ in range(200):
        try:
            raise RuntimeError("layer") from cause
        except RuntimeError as error:
            cause = error
    raise Unspeakable from cause
