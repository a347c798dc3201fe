import pandas as pd
from azureml.core import Run
from sklearn.linear_model import LogisticRegression


def azureml_main(dataframe1, dataframe2=None):
    features = dataframe1.drop(columns=["species"])
    model = LogisticRegression(max_iter=500).fit(features, dataframe1["species"])
    Run.get_context().log("accuracy", model.score(features, dataframe1["species"]))
    return {
        "Result Dataset": pd.DataFrame(model.coef_, columns=features.columns),
        "model": model,
    }
