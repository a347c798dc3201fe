def azureml_main(dataframe1):
    described = dataframe1.describe().T.reset_index()
    described = described.rename(columns={"index": "feature"})
    return described[["feature", "mean", "std", "min", "max"]],
