def azureml_main(df1):
    df1['code'] = df1.apply(lambda row: row[0] * 100 + row[1], axis=1)
    for index, row in df1.iterrows():
        total = row[0] + row[1]
    return df1
# result: r[0]['code'].tolist()[:2] == [123, 235]
# notice[pandas3]: line 2: series[0] by position stopped working in pandas 3.0; write series.iloc[0]
