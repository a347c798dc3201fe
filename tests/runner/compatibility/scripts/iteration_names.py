def azureml_main(df1):
    seen = []
    for name, column in df1.iteritems():
        seen.append((name, column.irow(0)))
    for key, value in df1.age.iteritems():
        pass
    cell = df1.iget_value(1, 1)
    second = df1.icol(1)
    flat = df1.id.get_values()
    flat[0] = 0
    return second
# result: r[0].tolist()[0] == 23
# notice: line 3: .iteritems was removed in Python 3
# notice: line 4: Series.irow
# notice: line 9: Series.get_values
