def azureml_main(df1):
    df1['order'] = range(6)
    df1['irow'] = 1
    total = df1.order.sum() + df1.irow.sum()
    print(total)
    return df1
# out: 21
