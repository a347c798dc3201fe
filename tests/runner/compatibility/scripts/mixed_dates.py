import pandas as pd
import datetime
def azureml_main(df1):
    when = pd.to_datetime(['2015-01-02', '3/4/2015'], infer_datetime_format=True)
    plain = pd.to_datetime(pd.Series(['2015-01-02', '3/4/2015']))
    stamp = when[0].to_datetime()
    numbers = pd.to_numeric(pd.Series(['1', 'x']), errors='ignore')
    print(stamp.isoformat(), plain.iloc[1].month, numbers.tolist(), pd.datetime(2015, 1, 1).year)
    return df1
# out: 2015-01-02T00:00:00 3 ['1', 'x'] 2015
# notice[pandas2]: line 5: pd.to_datetime of several formats
# notice: line 6: Timestamp.to_datetime
# notice[pandas2]: line 8: pd.datetime was removed in pandas 2.0
