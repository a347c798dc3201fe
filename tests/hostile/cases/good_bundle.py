"""Modules and packages of a bundle can be imported.

status = "completed"
probe = "worked"
bundle = "good.zip"
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    import helper
    from package.inner import ANSWER

    outcomes = ["worked" if answer == 42 else "BROKEN" for answer in (helper.ANSWER, ANSWER)]
    return pd.DataFrame({"probe": ["module", "package"], "outcome": outcomes})
