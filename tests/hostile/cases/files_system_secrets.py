"""Files of the system that hold secrets or tell about the machine cannot be read, nor foreign folders listed.

status = "completed"
probe = "blocked"
"""

import os
from functools import partial

from probes import Probes

FILES = (
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/hostname",
    "/etc/ssh/ssh_host_rsa_key",
    "/root/.bash_history",
    "/root/.ssh/authorized_keys",
    "/var/lib/dpkg/status",
    "/proc/kcore",
    "/proc/kmsg",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/sda",
    "/dev/vda",
)
FOLDERS = ("/root", "/home", "/var", "/srv", "/opt", "/run", "/mnt", "/media", "/boot", "/lost+found")


def first_bytes(path):
    with open(path, "rb", buffering=0) as file:
        return file.read(32)


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    for path in FILES:
        probes.refused(f"read {path}", partial(first_bytes, path))
    for path in FOLDERS:
        probes.refused(f"list {path}", partial(os.listdir, path))
    return probes.table()
