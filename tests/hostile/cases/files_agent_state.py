"""The agent's records, keys, log and private files can be neither read nor written nor replaced.

status = "completed"
probe = "blocked"
host = ["no_canary_in_artifacts", "server_healthy"]
"""

import os
from functools import partial

from probes import Probes


def overwrite(path):
    with open(path, "r+b") as file:
        return file.write(b"x")


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    home = probes["home"]
    paths = [probes[key] for key in ("server_db", "server_key", "private_file", "outside_file")]
    paths += [
        f"{home}/{name}" for name in ("agent/agent.log", "agent/agent.pid", "workspace.lock", "ballast")
    ]
    for path in paths:
        probes.refused(f"read {path}", lambda path=path: open(path, "rb").read(32))
        probes.refused(f"write {path}", partial(overwrite, path))
        probes.refused(f"replace {path}", lambda path=path: os.rename("/dev/null", path) or True)
        probes.refused(f"empty {path}", lambda path=path: os.truncate(path, 0) or True)
    return probes.table()
