import pandas as pd
def azureml_main(df1):
    df1 = df1.set_index('when')
    by_month = df1.groupby(pd.TimeGrouper('MS')).age.max()
    weeks = df1.index.weekofyear
    names = df1.index.weekday_name
    print(list(weeks)[:2], list(names)[:2])
    return by_month
# out: [1, 1] ['Thursday', 'Friday']
# result: r[0].tolist() == [41, 64]
# notice: line 4: pd.TimeGrouper was removed in pandas 1.0; write pd.Grouper(freq=...)
# notice[pandas2]: line 5: DatetimeIndex.weekofyear
