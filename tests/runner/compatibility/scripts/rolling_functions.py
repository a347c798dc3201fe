import pandas as pd
import numpy as np
from pandas import rolling_std, ewma
def azureml_main(df1):
    df1['mean'] = pd.rolling_mean(df1['age'], 3)
    df1['sum'] = pd.rolling_sum(df1['age'], window=2, min_periods=1)
    df1['std'] = rolling_std(df1['age'], 3)
    df1['ewma'] = ewma(df1['age'], span=3)
    df1['top'] = pd.expanding_max(df1['age'])
    df1['range'] = pd.rolling_apply(df1['age'], 2, lambda x: x.max() - x.min())
    df1['corr'] = pd.rolling_corr(df1['age'], df1['id'], 3)
    return df1
# result: r[0]['mean'].round(3).tolist()[2:] == [33.0, 42.667, 37.333, 45.0]
# result: r[0]['sum'].tolist() == [23, 58, 76, 93, 71, 83]
# result: r[0]['top'].tolist() == [23, 35, 41, 52, 52, 64]
# result: r[0]['range'].tolist()[1:] == [12, 6, 11, 33, 45]
# notice: line 3: pd.rolling_std was removed in pandas 0.23; write series.rolling(window).std()
# notice: line 5: pd.rolling_mean
# notice: line 3: pd.ewma was removed in pandas 0.23; write series.ewm(...).mean()
