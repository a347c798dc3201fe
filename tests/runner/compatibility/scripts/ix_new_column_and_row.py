import pandas as pd

def azureml_main(df1):
    out = pd.DataFrame()
    for i in range(3):
        out.ix[i, 'n'] = i * 2
    named = df1.set_index('city')
    named.ix[0, 'grade'] = 'high'
    return out, named
# result: r[0]['n'].tolist() == [0.0, 2.0, 4.0]
# result: r[1]['grade'].iloc[0] == 'high' and r[1]['grade'].isnull().sum() == 5
# notice: line 6: DataFrame.ix
