"""A stack that overflows ends this run only, and the run says how.

status = "failed"
wall_max_s = 40
host = ["server_healthy", "no_core_files"]
"""

import sys


class Nested:
    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return repr(self.inner) + "!"


def azureml_main(dataframe1=None, dataframe2=None):
    sys.setrecursionlimit(1 << 30)
    tower = None
    for _ in range(2_000_000):
        tower = Nested(tower)
    return repr(tower)
