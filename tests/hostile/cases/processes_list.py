"""The process list and its kin show this run and nothing else of the machine.

status = "completed"
probe = "blocked"
"""

import os
from pathlib import Path

from probes import Probes


def others():
    """Processes that belong neither to this run nor to what its box is made of."""
    mine = {1, os.getpid(), os.getppid()}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) not in mine:
            try:
                found.append((folder.name, (folder / "cmdline").read_text()[:60]))
            except OSError:
                continue
    return found


def lines_with(path, *needles):
    return [line for line in Path(path).read_text().splitlines() if any(needle in line for needle in needles)]


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    victim = probes["victim_pid"]
    probes.refused("other processes", others)
    probes.refused("the victim", lambda: "sleep" in Path(f"/proc/{victim}/comm").read_text())
    probes.refused("connections", lambda: Path("/proc/net/tcp").read_text().splitlines()[1:])
    probes.refused("unix sockets", lambda: lines_with("/proc/net/unix", "@", ".sock"))
    probes.refused("mounts", lambda: lines_with("/proc/self/mounts", " /home", " /boot", " /root "))
    probes.refused(
        "where the workspace is", lambda: lines_with("/proc/self/mountinfo", "/etc/shadow", "/agent")
    )
    probes.refused("kernel log", lambda: Path("/proc/kmsg").read_bytes())
    probes.refused("keys", lambda: Path("/proc/keys").read_text())
    return probes.table()
