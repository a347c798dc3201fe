import pandas as pd
def azureml_main(a, b):
    wide = pd.concat([a, a[['age']]], 1)
    return wide
# result: r[0].shape == (6, 7)
# notice[pandas2]: line 3: pd.concat with arguments by position
