"""No signal reaches a process outside the box.

status = "completed"
probe = "blocked"
host = ["victim_alive", "server_healthy"]
"""

import os
import signal
from functools import partial

from probes import Probes


def send(pid, number):
    os.kill(pid, number)
    return "sent"


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    if probes.holds_root():
        return probes.table()
    for key in ("victim_pid", "server_pid"):
        pid = int(probes[key])
        if pid == os.getpid():
            continue  # the number means somebody else in here
        for number in (0, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
            probes.refused(f"signal {number} to {key}", partial(send, pid, number))
        probes.refused(f"group of {key}", partial(os.killpg, pid, signal.SIGKILL))
    probes.refused(
        "descriptor of the agent", lambda: os.pidfd_open(int(probes["server_pid"])) > 0 and _foreign(probes)
    )
    return probes.table()


def _foreign(probes):
    """Whether the number is really the agent's in here."""
    with open(f"/proc/{probes['server_pid']}/cmdline", "rb") as file:
        return b"skyloom.server" in file.read()
