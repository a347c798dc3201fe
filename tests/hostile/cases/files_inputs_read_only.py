"""A script may change its data frame, never the dataset it came from, whichever way it reaches for the file.

status = "completed"
probe = "blocked"
host = ["input_dataset_unchanged"]
"""

import fcntl
import os

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1.copy())
    dataframe1.loc[:, "value"] = "changed"
    dataframe1["key"].to_numpy().flags.writeable and dataframe1["key"].to_numpy().fill("x")
    for name in os.listdir("/proc/self/fd"):
        descriptor = int(name)
        try:
            path = os.readlink(f"/proc/self/fd/{descriptor}")
            is_reading = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        except OSError:
            continue
        if is_reading and os.path.isabs(path) and not path.startswith("/dev/"):
            probes.refused(f"write {path}", lambda d=descriptor: os.write(d, b"x"))
            probes.refused(f"cut {path}", lambda d=descriptor: os.ftruncate(d, 0) or True)
            probes.refused(f"reopen {path}", lambda d=descriptor: os.open(f"/proc/self/fd/{d}", os.O_RDWR))
    probes.note("asked", "all inputs")
    return probes.table()
