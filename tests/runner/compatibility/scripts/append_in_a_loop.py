import pandas as pd

def azureml_main(df1):
    result = pd.DataFrame(columns=['city', 'n'])
    for city in ['Rome', 'Paris']:
        row = pd.Series([city, (df1.city == city).sum()], index=['city', 'n'])
        result = result.append(row, ignore_index=True)
    pieces = pd.Series([1]).append(pd.Series([2]))
    return result, pieces
# result: r[0]['city'].tolist() == ['Rome', 'Paris'] and r[0]['n'].tolist() == [2, 2]
# result: r[1].tolist() == [1, 2]
# notice[pandas2]: line 7: DataFrame.append
# notice[pandas2]: line 8: Series.append
