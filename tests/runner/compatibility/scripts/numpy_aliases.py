import numpy as np
def azureml_main(df1):
    df1['age'] = df1['age'].astype(np.float)
    df1['id'] = df1['id'].astype(np.int)
    x = np.array([1, 2, 3], dtype=np.float)
    flags = np.zeros(2, dtype=np.bool)
    print(np.product(x), np.asscalar(np.array([5])), np.in1d([1, 9], x).tolist(), np.trapz(x))
    print(np.isnan(np.NaN), np.isinf(np.Inf), np.cumproduct(x).tolist(), np.alltrue([True]))
    print(round(np.npv(0.1, [-100, 60, 60]), 4), round(np.irr([-100, 60, 60]), 4), round(np.pmt(0.05, 10, 1000), 4))
    return df1
# out: 6.0 5 [True, False] 4.0
# out: True True [1.0, 2.0, 6.0] True
# out: 4.1322 0.1307 -129.5046
# result: str(r[0]['age'].dtype) == 'float64'
# notice: line 3: np.float was removed in NumPy 1.24; write float
# notice: line 9: np.npv
