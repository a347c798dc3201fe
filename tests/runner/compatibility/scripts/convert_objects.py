import pandas as pd
def azureml_main(df1):
    df1['mixed'] = ['1', '2', 'x', '4', '5', '6']
    df1['mixed'] = df1['mixed'].convert_objects(convert_numeric=True)
    df1 = df1.convert_objects()
    return df1
# result: r[0]['mixed'].isnull().sum() == 1 and r[0]['mixed'].sum() == 18
# notice: line 4: Series.convert_objects
