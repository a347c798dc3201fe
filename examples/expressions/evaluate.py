import numpy as np  # expressions may use np
import pandas as pd


def azureml_main(dataframe1):
    results = [eval(text) for text in dataframe1["expression"]]
    return pd.DataFrame({"expression": dataframe1["expression"], "result": [str(r) for r in results]}),
