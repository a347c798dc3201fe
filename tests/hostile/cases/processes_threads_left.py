"""Threads, timers and executors that are still alive cannot hold the run open.

status = "completed"
wall_max_s = 15
"""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    for is_daemon in (False, True):
        threading.Thread(target=time.sleep, args=(900,), daemon=is_daemon).start()
    threading.Timer(900, print, ["late"]).start()
    ThreadPoolExecutor(3).submit(time.sleep, 900)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever).start()
    return pd.DataFrame({"done": [1]})
