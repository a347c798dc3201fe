import numpy as np
def azureml_main(df1):
    texts = [c for c in df1.columns if df1[c].dtype == object]
    more = df1.columns[df1.dtypes == 'object'].tolist()
    also = [c for c in df1.columns if df1[c].dtype == np.object]
    print(texts, more, also)
    return df1[texts]
# out: ['city'] ['city'] ['city']
# notice[pandas3]: line 3: df['a'].dtype == object for text stopped working in pandas 3.0
# notice: line 5: np.object was removed in NumPy 1.24; write object
