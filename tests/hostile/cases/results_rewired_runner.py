"""A script that replaces the runner's own functions gets a failed run or a sound table, never a false state.

status = ["failed", "completed"]
no_metrics = true
wall_max_s = 20
host = ["server_healthy", "artifacts_contained"]
"""

import builtins
import gc
import json
import os
import sys
import types

import pandas as pd


def nothing(*_, **__):
    return None


def azureml_main(dataframe1=None, dataframe2=None):
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        for value in list(frame.f_locals.values()):
            if isinstance(value, (list, dict, set, bytearray)):
                value.clear()
    for module in [thing for thing in gc.get_objects() if isinstance(thing, types.ModuleType)]:
        if getattr(module, "__name__", "").startswith(("skyloom", "__main__")):
            for name in [name for name in vars(module) if not name.startswith("__")]:
                setattr(module, name, nothing)
    os.write = os.fsync = os._exit = sys.exit = nothing
    json.dumps = lambda *_, **__: '{"problem": null, "reason": null, "metrics": [["forged", 1]]}'
    builtins.open = builtins.len = nothing
    pd.DataFrame.__len__ = lambda self: 1 << 40
    return dataframe1
