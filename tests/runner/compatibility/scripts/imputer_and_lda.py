import numpy as np
from sklearn.preprocessing import Imputer
from sklearn.lda import LDA
from sklearn.externals import joblib
from sklearn.linear_model import SGDClassifier
from sklearn.feature_extraction.text import CountVectorizer
def azureml_main(df1):
    imp = Imputer(missing_values='NaN', strategy='mean', axis=0)
    filled = imp.fit_transform(df1[['income']])
    model = LDA().fit(df1[['age', 'id']], df1['label'])
    joblib.dump(model, 'lda.pkl')
    again = joblib.load('lda.pkl')
    sgd = SGDClassifier(n_iter=5, loss='log', random_state=0).fit(df1[['age']], df1['label'])
    words = CountVectorizer().fit(['one two', 'two three']).get_feature_names()
    print(filled[1][0], again.predict([[20, 1]]).shape, words)
    return df1
# out: 35.0 (1,) ['one', 'three', 'two']
# notice: line 2: sklearn.preprocessing.Imputer was removed in scikit-learn 0.22; write sklearn.impute.SimpleImputer
# notice: line 3: sklearn.lda
# notice: line 4: sklearn.externals.joblib
# notice: line 13: SGDClassifier(n_iter=5) and its kind stopped working in scikit-learn 0.21
