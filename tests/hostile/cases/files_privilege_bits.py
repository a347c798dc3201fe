"""No identity can be changed, no program lends rights, and no setuid file outlives the run.

status = "completed"
probe = "blocked"
host = ["no_setuid_left"]
"""

import os
import subprocess
from pathlib import Path

from probes import Probes

PROGRAMS = ("/bin/su", "/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp", "/usr/bin/sudo", "/usr/bin/pkexec")


def user_of(program):
    found = subprocess.run(
        [program, "-c", "id -u"], stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False
    )
    return found.stdout.strip() == b"0"


def capabilities():
    lines = Path("/proc/self/status").read_text().splitlines()
    return [
        line for line in lines if line.startswith(("CapEff", "CapPrm", "CapAmb")) and int(line.split()[1], 16)
    ]


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    uid = os.getuid()
    Path("tool").write_text("#!/bin/sh\nid -u\n")
    try:
        os.chmod("tool", 0o6755)
        os.chmod(".", 0o2777)
    except OSError:
        pass
    for name in ("setuid", "setgid", "seteuid", "setegid"):
        probes.refused(name, lambda name=name: uid != 0 and (getattr(os, name)(0), True)[1])
    probes.refused("groups", lambda: (os.setgroups([0]), True)[1])
    probes.refused("give away", lambda: (os.chown("tool", 0, 0), uid != 0)[1])
    for program in PROGRAMS:
        probes.refused(f"run {program}", lambda program=program: user_of(program))
    probes.refused("capabilities", capabilities)
    probes.refused("attribute", lambda: os.setxattr("tool", "security.capability", b"\0" * 20) or True)
    return probes.table()
