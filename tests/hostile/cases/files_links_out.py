"""Links that lead out of the working folder are neither followed nor kept when images are collected.

status = "completed"
images_max = 0
host = ["no_canary_in_artifacts", "artifacts_contained"]
"""

import os

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    for number, key in enumerate(("private_file", "outside_file", "server_key", "server_db")):
        os.symlink(probes[key], f"link{number}.png")
        probes.refused(f"hard link to {key}", lambda key=key: os.link(probes[key], f"{key}.png") or True)
    os.symlink("/etc/shadow", "shadow.png")
    os.symlink("/dev/zero", "zero.png")
    os.symlink("loop.png", "loop.png")
    os.symlink("/proc/self/environ", "environment.png")
    os.symlink(probes["other_run_dir"], "folder.png")
    os.symlink(probes["outside_dir"], "images")
    return probes.table()
