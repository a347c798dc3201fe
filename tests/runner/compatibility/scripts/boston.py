from sklearn import datasets
def azureml_main(df1):
    try:
        boston = datasets.load_boston()
    except Exception as e:
        print(e)
    return df1
# out: S042: sklearn.datasets.load_boston was removed in scikit-learn 1.2
