# Split a table into features and label as arrays
import pandas as pd
import numpy as np

def azureml_main(dataframe1 = None, dataframe2 = None):
    X = dataframe1[['age', 'income']].fillna(0).as_matrix()
    y = dataframe1['label'].as_matrix()
    X[:, 0] = X[:, 0] / 10.0
    out = pd.DataFrame(X, columns=['age', 'income'])
    out['label'] = y
    return out,
# result: r[0]['age'].tolist() == [2.3, 3.5, 4.1, 5.2, 1.9, 6.4]
# result: df1['age'].tolist() == [23, 35, 41, 52, 19, 64]
# notice: line 6: DataFrame.as_matrix was removed in pandas 1.0
# notice: line 7: Series.as_matrix was removed in pandas 1.0
