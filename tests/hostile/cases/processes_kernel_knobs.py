"""Settings of the kernel, of cgroups and of the memory killer cannot be turned.

status = "completed"
probe = "blocked"
"""

import os
from functools import partial
from pathlib import Path

from probes import Probes

KNOBS = {
    "/proc/sysrq-trigger": "h",
    "/proc/sys/kernel/core_pattern": "|/tmp/catch",
    "/proc/sys/kernel/hostname": "mine",
    "/proc/sys/kernel/randomize_va_space": "0",
    "/proc/sys/vm/drop_caches": "1",
    "/proc/sys/fs/protected_symlinks": "0",
    "/proc/1/oom_score_adj": "1000",
    "/proc/self/oom_score_adj": "-900",
    "/proc/self/uid_map": "0 0 1",
    "/proc/self/setgroups": "allow",
    "/sys/kernel/uevent_helper": "/tmp/catch",
    "/sys/power/state": "mem",
}
CGROUP_FILES = ("cgroup.procs", "memory.max", "memory.limit_in_bytes", "pids.max", "cgroup.subtree_control")


def turn(path, value):
    with open(path, "w") as file:
        file.write(value)
    return "turned"


def writable_group_file():
    for folder, _, names in os.walk("/sys/fs/cgroup"):
        for name in set(names) & set(CGROUP_FILES):
            if os.access(Path(folder, name), os.W_OK):
                return Path(folder, name)
    return None


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    if probes.holds_root():
        return probes.table()
    for path, value in KNOBS.items():
        probes.refused(path, partial(turn, path, value))
    probes.refused("a cgroup file", writable_group_file)
    return probes.table()
