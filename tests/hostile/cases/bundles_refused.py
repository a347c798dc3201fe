"""A script bundle that leads out, lies or unfolds to too much is refused before anything is written.

status = ["failed", "rejected"]
wall_max_s = 30
json = "strict"
host = ["server_healthy", "no_marker_files", "outside_dir_unchanged", "disk_freed", "memory_under_cap"]
bundles = [
    "climbing.zip",
    "backslashes.zip",
    "absolute.zip",
    "drive_letter.zip",
    "nul_in_name.zip",
    "symlinks.zip",
    "thousand_to_one.zip",
    "too_large.zip",
    "too_many.zip",
    "same_names.zip",
    "encrypted.zip",
    "lying_size.zip",
    "overlapping.zip",
    "cut_off.zip",
    "no_archive.zip",
]
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"done": [1]})
