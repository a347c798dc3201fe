"""Hooks that hang at the end do not matter once the result is there.

status = "completed"
wall_max_s = 15
"""

import atexit
import threading
import time
import weakref

import pandas as pd


class Clinging:
    def __del__(self):
        time.sleep(900)


KEPT = Clinging()
weakref.finalize(KEPT, time.sleep, 900)
atexit.register(time.sleep, 900)
threading._register_atexit(time.sleep, 900)


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"done": [1]})
