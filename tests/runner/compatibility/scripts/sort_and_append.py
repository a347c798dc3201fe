import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    ranked = dataframe1.sort('age', ascending=False)
    ranked = ranked.append(ranked.head(1), ignore_index=True)
    ranked = ranked.append({'id': 7, 'age': 8, 'city': 'Bern'}, ignore_index=True)
    smallest = dataframe1['age'].order().head(2)
    return ranked, smallest
# result: r[0]['age'].tolist() == [64, 52, 41, 35, 23, 19, 64, 8]
# result: r[0]['city'].tolist()[-1] == 'Bern'
# result: r[1].tolist() == [19, 23]
# notice: line 4: DataFrame.sort was removed in pandas 0.20; write DataFrame.sort_values
# notice[pandas2]: line 5: DataFrame.append was removed in pandas 2.0; write pd.concat
# notice: line 7: Series.order
