"""Ignoring every signal, being stopped or waiting in the kernel does not extend the time limit.

status = "failed"
reason = "timeout"
wall_max_s = 8
also = "cancel"
host = ["server_healthy", "no_leftovers"]
"""

import os
import signal
import time


def azureml_main(dataframe1=None, dataframe2=None):
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            continue
