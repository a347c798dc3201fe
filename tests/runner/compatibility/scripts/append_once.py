def azureml_main(df1):
    both = df1.append(df1)
    return both
# result: len(r[0]) == 12
# notice[pandas2]: line 2: DataFrame.append
