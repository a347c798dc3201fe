import pandas as pd
import numpy as np
def azureml_main(df1):
    df1['age'].values[0] = -1
    df1.age.values[df1.age.values > 60] = 60
    X = df1[['age', 'label']].values
    X[:, 1] = 5
    X[0, 0] += 11
    names = df1.columns.values
    df1.columns.values[0] = 'key'
    rest = df1['income'].values
    rest.sort()
    return df1, pd.DataFrame(X)
# result: r[0]['age'].tolist() == [-1, 35, 41, 52, 19, 60]
# result: r[1][1].tolist() == [5] * 6 and r[1][0][0] == 10
# result: list(r[0].columns)[0] == 'key'
# notice[pandas3]: line 4: df['a'].values[rows] = value stopped working in pandas 3.0
# notice[pandas3]: line 11: writing into df.values
