"""A script that kills everything it can reach harms its own run only.

status = "failed"
reason = ["signal:SIGKILL", "no_result"]
wall_max_s = 15
host = ["server_healthy", "victim_alive", "no_leftovers"]
"""

import contextlib
import os
import signal

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    if probes.holds_root():
        return probes.table()
    for pid, number in ((-1, signal.SIGSTOP), (-1, signal.SIGKILL), (0, signal.SIGKILL)):
        with contextlib.suppress(ProcessLookupError):  # alone in here: nobody but ourselves to kill
            os.kill(pid, number)
    return probes.table()
