import pandas as pd
from sklearn.ensemble import RandomForestClassifier


def azureml_main(dataframe1, dataframe2=None):
    label = dataframe1.columns[-1]
    features = dataframe1.drop(columns=[label])
    forest = RandomForestClassifier(n_estimators=100, random_state=0)
    forest.fit(features.as_matrix(), dataframe1[label].as_matrix())
    ranking = pd.DataFrame({"feature": features.columns, "score": forest.feature_importances_})
    return ranking.sort("score", ascending=False),
