from Hello import print_hello


def azureml_main(dataframe1=None, dataframe2=None):
    for name in dataframe1["name"]:
        print_hello(name)
    return dataframe1,
