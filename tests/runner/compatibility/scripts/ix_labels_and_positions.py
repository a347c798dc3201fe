import pandas as pd

def azureml_main(df1, df2=None):
    first = df1.ix[0]
    ages = df1.ix[df1.age > 30, 'age']
    cell = df1.ix[2, 'city']
    some = df1.ix[1:3, ['city', 'age']]
    df1.ix[df1.city == 'Rome', 'age'] = 1
    df1.ix[5, 'city'] = 'Oslo'
    by_city = df1.set_index('city')
    second = by_city.ix[1]
    top = by_city.ix[:2, 'age']
    print(first['city'], len(ages), cell, some.shape, second['age'], len(top))
    return df1
# out: Rome 4 Paris (3, 2) 35 2
# result: r[0]['age'].tolist() == [1, 35, 41, 52, 1, 64]
# result: r[0]['city'].tolist()[5] == 'Oslo'
# notice: line 4: DataFrame.ix was removed in pandas 1.0
# notice: line 8: DataFrame.ix
