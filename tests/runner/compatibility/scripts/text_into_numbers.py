def azureml_main(df1):
    df1.loc[df1['age'] > 40, 'age'] = 'old'
    df1.loc[0, 'label'] = 0.5
    return df1
# result: r[0]['age'].tolist() == [23, 35, 'old', 'old', 19, 'old']
# result: r[0]['label'].tolist()[0] == 0.5
# notice[pandas3]: line 2: df.loc[rows, 'a'] = 'text' in a column of numbers
