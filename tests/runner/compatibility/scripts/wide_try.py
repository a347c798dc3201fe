def azureml_main(df1):
    try:
        X = df1[['age']].as_matrix()
        return df1.sort('age')
    except Exception as e:
        print("Error:", e)
    return None
# result: r[0]['age'].tolist()[0] == 19
# notice: line 3: DataFrame.as_matrix
# notice: line 4: DataFrame.sort
