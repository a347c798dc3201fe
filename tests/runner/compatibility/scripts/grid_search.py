from sklearn.grid_search import GridSearchCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.ensemble.forest import RandomForestRegressor
from sklearn.metrics import f1_score, confusion_matrix
def azureml_main(df1):
    X, y = df1[['age', 'id']], df1['label']
    search = GridSearchCV(RandomForestClassifier(max_features='auto', random_state=0, n_estimators=5), {'max_depth': [1, 2]}, cv=2)
    search.fit(X, y)
    for score in search.grid_scores_:
        print(score.parameters, len(score.cv_validation_scores))
    forest = RandomForestRegressor(5, 'mse', min_impurity_split=1e-7)
    forest.fit(X, y)
    print(confusion_matrix([0, 1], [0, 1], [1, 0]).shape, f1_score([0, 1], [0, 1], None, 1, 'macro'))
    return df1
# out: {'max_depth': 1} 2
# out: (2, 2) 1.0
# notice: line 1: sklearn.grid_search was removed in scikit-learn 0.20
# notice: line 3: sklearn.ensemble.forest was removed in scikit-learn 0.24
# notice[sklearn1.3]: line 7: RandomForestClassifier(max_features='auto')
# notice: line 13: metrics with options by position
