import pandas as pd
import numpy as np

def azureml_main(dataframe1=None, dataframe2=None):
    df = dataframe1
    df['age'][df['age'] > 50] = 50
    df['city'][0] = 'Cairo'
    df.label[df.city == 'Oslo'] = 7
    df['income'].fillna(df['income'].mean(), inplace=True)
    df['city'].replace('Paris', 'Lyon', inplace=True)
    df['age'].loc[1] += 100
    df['label'][1] = 'unknown'
    return df
# result: r[0]['age'].tolist() == [23, 135, 41, 50, 19, 50]
# result: r[0]['city'].tolist()[:3] == ['Cairo', 'Lyon', 'Lyon']
# result: r[0]['income'].isnull().sum() == 0
# result: r[0]['label'].tolist()[1] == 'unknown'
# notice[pandas3]: line 6: df['a'][rows] = value stopped working in pandas 3.0; write df.loc[rows, 'a'] = value
# notice[pandas3]: line 9: df['a'].fillna(value, inplace=True)
