import pandas as pd
from io import StringIO
def azureml_main(df1):
    table = pd.read_csv(StringIO(u"a b\n1 2\n3 4 5\n6 7\n"), delim_whitespace=True, error_bad_lines=False)
    one = df1.drop_duplicates(cols='label', take_last=True)
    table.to_csv('out.csv', index=False, line_terminator='\n')
    pivot = pd.pivot_table(df1, 'age', rows='city', cols='label', aggfunc='sum')
    agg = df1.groupby('city').agg({'age': {'low': 'min', 'high': 'max'}})
    renamed = df1.groupby('city')['age'].agg({'total': 'sum'})
    print(table.shape, len(one), agg.columns.tolist(), renamed.columns.tolist())
    return pivot
# out: (2, 2) 2 [('age', 'low'), ('age', 'high')] ['total']
# result: r[0].shape == (3, 2)
# notice[pandas2]: line 4: pd.read_csv(error_bad_lines=False
# notice: line 5: drop_duplicates(cols=..., take_last=True)
# notice: line 8: groupby(...).agg({'a': {'name': f}})
