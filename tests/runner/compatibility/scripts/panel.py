import pandas as pd
def azureml_main(df1):
    try:
        p = pd.Panel({'a': df1})
    except Exception as e:
        print(e)
    return df1
# out: S042: pd.Panel was removed in pandas 0.25
