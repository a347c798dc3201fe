"""A second run of the same script finds nothing of the first, wherever the first has left it.

status = "completed"
probe = "blocked"
rerun = "all_rows_blocked"
host = ["cwd_gone", "no_marker_files"]
"""

import os
import tempfile
from functools import partial
from pathlib import Path

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    places = [
        Path.cwd(),
        Path.home(),
        Path(tempfile.gettempdir()),
        Path("/tmp"),
        Path("/var/tmp"),
        Path("/dev/shm"),
    ]
    places += [Path(os.environ[name]) for name in ("MPLCONFIGDIR", "XDG_CACHE_HOME") if name in os.environ]
    for place in dict.fromkeys(places):
        memory = place / f"remember-{probes['marker']}"
        probes.refused(f"seen in {place}", partial(os.path.exists, memory))
        try:
            memory.write_text("I was here")
        except OSError:
            continue
    probes.note("working folder", os.getcwd())
    return probes.table()
