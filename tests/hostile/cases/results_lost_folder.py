"""A working folder that is emptied, left, closed and removed does not keep the result from arriving.

status = "completed"
wall_max_s = 15
"""

import os
import shutil

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    here = os.getcwd()
    os.umask(0o777)
    for name in os.listdir(here):
        path = os.path.join(here, name)
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.unlink(path)
    os.chdir("/")
    for spoil in (lambda: os.chmod(here, 0), lambda: os.rmdir(here)):
        try:
            spoil()
        except OSError:
            continue
    os.environ.clear()
    return pd.DataFrame({"done": [1]})
