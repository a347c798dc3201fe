import pandas as pd
def azureml_main(df1):
    series = df1.set_index('when')['age']
    monthly = series.resample('M', how='sum')
    both = df1.set_index('when')[['age']].resample('M', how=['min', 'max'])
    grouped = df1.groupby(pd.TimeGrouper('M', key='when'))['age'].mean() if False else None
    days = pd.date_range('2015-01-01', periods=3, freq='12H')
    print(len(days), both.shape)
    return monthly.reset_index()
# out: 3 (2, 2)
# result: r[0]['age'].tolist() == [99, 135]
# notice: line 4: resample(rule, how='mean') stopped working in pandas 0.25
# notice[pandas3]: line 7: frequencies M, Q, A, H, T, S, L
