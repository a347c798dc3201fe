def azureml_main(df1 = None):
    for i in df1.index:
        if df1.get_value(i, 'age') > 50:
            df1.set_value(i, 'label', 9)
    df1 = df1.set_value(0, 'city', 'Lima')
    df1.set_value(1, 'note', 'seen')
    return df1
# result: r[0]['label'].tolist() == [0, 1, 0, 9, 1, 9]
# result: r[0]['city'][0] == 'Lima' and r[0]['note'][1] == 'seen'
# notice: line 3: DataFrame.get_value
# notice: line 4: DataFrame.set_value was removed in pandas 1.0
