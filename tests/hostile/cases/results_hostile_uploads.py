"""Names of uploaded files lead nowhere but into the run's folder.

status = ["completed", "failed"]
host = ["artifacts_contained", "no_canary_in_artifacts", "no_marker_files"]
"""

import os

import pandas as pd
from azureml.core import Run


def azureml_main(dataframe1=None, dataframe2=None):
    rows = dict(zip(dataframe1["key"], dataframe1["value"], strict=True))
    run = Run.get_context()
    with open("plain.txt", "w") as file:
        file.write("plain")
    os.symlink(rows["private_file"], "link.txt")
    refused = []
    names = (
        f"../../{rows['marker']}",
        f"{rows['outside_dir']}/absolute",
        "a/../../b",
        "..",
        "",
        "a\0b",
        "x" * 5000,
    )
    for name in names:
        for path in ("plain.txt", "link.txt"):
            try:
                run.upload_file(name, path)
            except Exception as error:
                refused.append(type(error).__name__)
    os.makedirs(".uploads", exist_ok=True)
    os.path.exists(".uploads/planted") or os.symlink(rows["private_file"], ".uploads/planted")
    return pd.DataFrame({"refused": [len(refused)]})
