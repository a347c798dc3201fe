"""No secret of the agent or of its neighbours shows in any environment block, command line or memory map.

status = "completed"
probe = "blocked"
"""

import os
from pathlib import Path

from probes import Probes


def processes_with(name, needle):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if needle in (folder / name).read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    secret = probes["token_prefix"]
    probes.refused("own environment", lambda: [name for name, value in os.environ.items() if secret in value])
    probes.refused("its name", lambda: probes["env_name"] in os.environ)
    probes.refused("any environment", lambda: processes_with("environ", secret.encode()))
    probes.refused("any command line", lambda: processes_with("cmdline", probes["victim_marker"].encode()))
    for name in ("environ", "mem", "maps", "root/etc/shadow", "cwd/agent.log"):
        for pid in (probes["server_pid"], probes["victim_pid"]):
            probes.refused(
                f"/proc/{pid}/{name}", lambda pid=pid, name=name: open(f"/proc/{pid}/{name}", "rb").read(9)
            )
    return probes.table()
