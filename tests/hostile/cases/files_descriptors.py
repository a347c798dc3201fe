"""Nothing that the agent or its zygote has open comes along into the box.

status = "completed"
probe = "blocked"
"""

import os
import stat

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    names = [int(name) for name in os.listdir("/proc/self/fd")]
    probes.refused("many descriptors", lambda: len(names) > 24 and names)
    for descriptor in names:
        try:
            status = os.fstat(descriptor)
            path = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode):
            probes.refused(
                f"way out by {path}", lambda d=descriptor: os.listdir(os.open("..", os.O_RDONLY, dir_fd=d))
            )
        probes.refused(
            f"{path} belongs to the agent", lambda p=path: probes["home"] + "/agent" in p or ".sqlite" in p
        )
    return probes.table()
