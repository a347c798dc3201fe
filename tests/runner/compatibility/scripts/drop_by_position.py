def azureml_main(dataframe1, dataframe2):
    data = dataframe1.drop('when', 1)
    data = data.drop(['city'], 1)
    data = data.dropna(0)
    flags = data.isnull().any(1)
    data = data.drop_duplicates('label', 'last')
    return data, flags
# result: list(r[0].columns) == ['id', 'age', 'income', 'label']
# result: len(r[0]) == 2 and not r[1].any()
# notice[pandas2]: line 2: DataFrame.drop with arguments by position stopped working in pandas 2.0
# notice[pandas2]: line 4: DataFrame.dropna with arguments by position
