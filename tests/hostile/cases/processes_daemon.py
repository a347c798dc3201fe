"""A daemon that has left its session and its parents dies with the run, before it can do anything.

status = "completed"
wall_max_s = 15
host = ["no_leftovers", "no_marker_files", "outside_dir_unchanged"]
"""

import os
import time

from probes import Probes


def become_daemon(places):
    os.setsid()
    if os.fork():
        os._exit(0)
    for descriptor in range(3):
        os.dup2(os.open("/dev/null", os.O_RDWR), descriptor)
    for _ in range(100):
        time.sleep(0.2)
        for place in places:
            try:
                with open(place, "w") as file:
                    file.write("still here")
            except OSError:
                continue
    os._exit(0)


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    name = f"daemon-{probes['marker']}"
    if os.fork() == 0:
        become_daemon([f"{probes['outside_dir']}/{name}", f"/tmp/{name}", f"/dev/shm/{name}"])
    probes.note("daemon", "started")
    return probes.table()
