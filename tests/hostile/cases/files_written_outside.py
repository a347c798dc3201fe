"""Nothing can be written outside the working folder and the box's own temporary folders.

status = "completed"
probe = "blocked"
host = ["outside_dir_unchanged", "no_marker_files"]
"""

import os
import sys
import sysconfig
from functools import partial
from pathlib import Path

from probes import Probes


def leave(path):
    Path(path).write_text("was here")
    return path


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    folders = [
        probes["outside_dir"],
        probes["home"],
        "/",
        "/etc",
        "/usr",
        "/usr/local/bin",
        "/root",
        "/home",
        "/var",
    ]
    folders += [sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), os.path.dirname(os.__file__)]
    for folder in dict.fromkeys(folders):
        probes.refused(f"write in {folder}", partial(leave, f"{folder}/{probes['marker']}"))
        probes.refused(
            f"folder in {folder}", lambda folder=folder: os.mkdir(f"{folder}/{probes['marker']}") or True
        )
    probes.refused("delete outside", lambda: os.unlink(probes["outside_file"]) or True)
    return probes.table()
