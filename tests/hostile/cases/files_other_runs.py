"""Other runs can be neither listed nor read, from above nor from beside.

status = "completed"
probe = "blocked"
host = ["no_canary_in_artifacts"]
"""

import glob
import os
from pathlib import Path

from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    probes = Probes(dataframe1)
    other = Path(probes["other_run_dir"])
    probes.refused("list the other run", lambda: os.listdir(other))
    probes.refused("its canary", lambda: (other / "canary.txt").read_text())
    probes.refused("its log", lambda: (other / "logs" / "stdout.txt").read_bytes())
    probes.refused("list all runs", lambda: os.listdir(other.parent.parent))
    probes.refused("the store", lambda: os.listdir(Path(probes["home"], "artifacts")))
    probes.refused("other boxes", lambda: glob.glob(f"{probes['home']}/work/instance-*/boxes/*"))
    here = Path.cwd()
    beside = [name for name in _names(here.parent) if len(name) > 12 and name not in str(here)]
    probes.note("beside the working folder", repr(beside), "ALLOWED" if beside else "blocked")
    return probes.table()


def _names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
