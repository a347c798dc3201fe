"""Threads, subprocesses, asyncio and process pools work.

status = "completed"
probe = "worked"
wall_max_s = 60

[misses]
kernel-filter = "multiprocessing's locks need a /dev/shm, which only a mount space gives"
"""

import asyncio
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    context = multiprocessing.get_context("fork")
    python = [sys.executable, "-c", "import json, ssl, sqlite3; print(1)"]
    probes.works("threads", lambda: list(ThreadPoolExecutor(4).map(abs, range(9))))
    probes.works("subprocess", lambda: subprocess.run(python, check=True, capture_output=True, timeout=20))
    probes.works("shell", lambda: subprocess.run("ls | wc -l", shell=True, check=True, capture_output=True))
    probes.works("asyncio", lambda: asyncio.run(asyncio.sleep(0.01)))
    probes.works("pool", lambda: context.Pool(2).map(abs, range(9)))
    probes.works("lock", lambda: context.Lock().acquire())
    probes.works("queue", lambda: context.Queue().put(1))
    probes.works("pipe", lambda: context.Pipe()[0].close())
    return probes.table()
