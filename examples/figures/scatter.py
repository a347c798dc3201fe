import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
from pandas.tools.plotting import scatter_matrix


def azureml_main(dataframe1=None, dataframe2=None):
    figure = plt.figure(figsize=(8, 8))
    axis = figure.gca()
    measures = dataframe1.drop("species", 1)
    scatter_matrix(measures, ax=axis, diagonal="kde", c=dataframe1["species"].astype("category").cat.codes)
    figure.savefig("scatter_matrix.png")
    return dataframe1,
