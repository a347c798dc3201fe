from sklearn.svm import SVC
from sklearn.cross_validation import ShuffleSplit, LeaveOneOut, StratifiedShuffleSplit
from sklearn.preprocessing import OneHotEncoder
from sklearn.cluster import KMeans
def azureml_main(df1):
    y = df1['label'].values
    print(len(LeaveOneOut(6)), len(ShuffleSplit(6, n_iter=4, test_size=0.5)), len(list(StratifiedShuffleSplit(y, 2, test_size=0.5))))
    codes = OneHotEncoder(sparse=False).fit_transform(df1[['label']])
    model = KMeans(2, n_init=2, random_state=0, precompute_distances='auto').fit(df1[['age']])
    print(codes.shape, model.n_clusters)
    return df1
# out: 6 4 2
# out: (6, 2) 2
# notice: line 2: sklearn.cross_validation
