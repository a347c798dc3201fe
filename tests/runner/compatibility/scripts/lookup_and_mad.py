def azureml_main(df1):
    vals = df1.lookup([0, 1], ['age', 'label'])
    print(list(vals), round(df1['age'].mad(), 3))
    print(df1.get_dtype_counts().sum(), len(df1.select(lambda i: i > 2)))
    up = df1['age'].clip_upper(30).clip_lower(20)
    df1['age'] = up
    return df1.applymap(str)
# out: [23, 1] 13.333
# result: r[0]['age'].tolist() == ['23', '30', '30', '30', '20', '30']
# notice[pandas2]: line 2: DataFrame.lookup
# notice: line 5: Series.clip_upper
