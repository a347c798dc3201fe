"""Neither modes nor times nor owners of files outside can be changed.

status = "completed"
probe = "blocked"
host = ["outside_dir_unchanged"]

[misses]
"kernel-filter, same user" = "Landlock has no right for modes and times, and an owner may change them"
"""

import os

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    for key in ("outside_dir", "outside_file", "private_file", "server_key", "home"):
        path = probes[key]
        probes.refused(f"mode of {key}", lambda path=path: os.chmod(path, 0o755) or True)
        probes.refused(f"times of {key}", lambda path=path: os.utime(path, (0, 0)) or True)
        probes.refused(f"group of {key}", lambda path=path: os.chown(path, -1, 12345) or True)
        probes.refused(f"attribute of {key}", lambda path=path: os.setxattr(path, "user.mine", b"x") or True)
    return probes.table()
