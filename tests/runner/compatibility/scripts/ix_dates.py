def azureml_main(df1=None):
    daily = df1.set_index('when')
    january = daily.ix['2015-01']
    window = daily.ix['2015-01-02':'2015-02-15']
    last = daily.ix[-1, 'age']
    daily.ix[0, 'age'] = 99
    print(len(january), len(window), last, daily['age'].iloc[0])
    return daily.reset_index()
# out: 3 3 64 99
# notice: line 3: DataFrame.ix
# notice: line 6: DataFrame.ix
