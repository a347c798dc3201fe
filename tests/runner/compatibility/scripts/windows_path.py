def azureml_main(df1):
    path = 'C:\Users\new\N'
    print path[:8]
    return df1
# out: C:\Users
# notice: line 2: \U, \u and \N as plain text in a string
