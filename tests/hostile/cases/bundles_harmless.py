"""A bundle may shadow modules and hold archives: its code runs in the box only, and only when asked for.

status = ["completed", "failed"]
wall_max_s = 30
json = "strict"
host = ["server_healthy", "no_marker_files", "outside_dir_unchanged", "disk_freed"]
bundles = ["shadowing.zip", "nested.zip"]
"""

import helper
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"answer": [helper.ANSWER]})
