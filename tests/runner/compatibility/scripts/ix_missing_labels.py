def azureml_main(df1):
    s = df1.set_index('city')['age'].groupby(level=0).first()
    got = s.ix[['Rome', 'Atlantis']]
    return got.reset_index()
# result: r[0]['age'].isnull().tolist() == [False, True]
# notice: line 3: Series.ix
