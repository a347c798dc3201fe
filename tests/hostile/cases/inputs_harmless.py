"""A strange or hostile file is refused, kept as opaque bytes, or read as documented; nothing in it is obeyed.

status = ["rejected", "failed", "completed"]
wall_max_s = 60
json = "strict"
host = ["server_healthy", "no_marker_files", "outside_dir_unchanged", "memory_under_cap", "disk_freed"]
datasets = [
    "pickled.pkl",
    "model.joblib",
    "object_array.npz",
    "array_bomb.npz",
    "bomb.parquet",
    "pickle_called.csv",
    "noisy.parquet",
    "pickled_metadata.parquet",
    "lying_pandas_metadata.parquet",
    "ragged.csv",
    "open_quote.csv",
    "mixed_encodings.csv",
    "long_line.csv",
    "packed.csv.gz",
    "packed_table.zip",
    "formulas.csv",
    "nothing.csv",
    "tagged.yml",
    "entities.xlsx",
]
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"rows": [-1 if dataframe1 is None else len(dataframe1)]})
