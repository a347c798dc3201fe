"""A file that is no sound table is refused, or its reader ends in a box; nothing in it is obeyed.

status = ["rejected", "failed"]
wall_max_s = 60
json = "strict"
host = ["server_healthy", "no_marker_files", "outside_dir_unchanged", "memory_under_cap", "disk_freed"]
datasets = [
    "half.parquet",
    "noisy_footer.parquet",
    "million_columns.csv",
    "nothing.parquet",
    "broken.arff",
    "endless.arff",
    "wide.svmlight",
]
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"rows": [-1 if dataframe1 is None else len(dataframe1)]})
