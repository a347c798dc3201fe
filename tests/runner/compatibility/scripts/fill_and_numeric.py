import pandas as pd
def azureml_main(df1):
    df1['income'] = df1['income'].fillna(method='pad')
    means = df1.groupby('label').mean()
    spread = df1.std()
    corr = df1.drop('when', 1).corr()
    print(means.columns.tolist(), corr.shape)
    return df1
# out: ['id', 'age', 'income'] (4, 4)
# result: r[0]['income'].tolist() == [10.0, 10.0, 30.0, 40.0, 40.0, 60.0]
# notice[pandas3]: line 3: fillna(method='ffill')
# notice[pandas2]: line 4: df.mean() with columns of text
# notice[pandas2]: line 6: df.mean() with columns of text
