import numpy as np
import pandas as pd
from sklearn import cross_validation
from sklearn.cross_validation import train_test_split, KFold, StratifiedKFold, cross_val_score
from sklearn.linear_model import LogisticRegression
def azureml_main(df1):
    X = df1[['age', 'id']].as_matrix()
    y = df1['label'].as_matrix()
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)
    folds = []
    for train, test in KFold(len(y), n_folds=3):
        folds.append(len(test))
    for train, test in StratifiedKFold(y, 3):
        assert sorted(y[test].tolist()) == [0, 1]
    kf = cross_validation.KFold(n=6, n_folds=2, shuffle=True, random_state=1)
    scores = cross_val_score(LogisticRegression(penalty='l1', class_weight='auto'), X, y, cv=kf)
    print(folds, len(scores), len(kf))
    return pd.DataFrame(X_train)
# out: [2, 2, 2] 2 2
# result: r[0].shape == (3, 2)
# notice: line 3: sklearn.cross_validation was removed in scikit-learn 0.20; write sklearn.model_selection
# notice: line 16: LogisticRegression(class_weight='auto') and its kind
