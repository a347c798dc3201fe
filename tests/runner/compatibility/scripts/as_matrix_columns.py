def azureml_main(df):
    import pandas as pd
    m = df.as_matrix(columns=['age', 'label'])
    return pd.DataFrame(m)
# result: r[0].shape == (6, 2)
# notice: line 3: DataFrame.as_matrix
