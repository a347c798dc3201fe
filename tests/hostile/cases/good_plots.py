"""Saved figures come back, in order; a figure that was only drawn does not fail the run.

status = "completed"
images_min = 3
images_max = 4
wall_max_s = 60
host = ["images_served_safely", "artifacts_contained"]
"""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    for number in range(3):
        figure = plt.figure()
        figure.add_subplot().plot([1, number, 3])
        figure.savefig(f"figure{number}.png")
        plt.close(figure)
    plt.plot([1, 2])
    plt.show()
    return pd.DataFrame({"figures": [3]})
