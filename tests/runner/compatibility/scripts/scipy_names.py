import scipy
from scipy.misc import comb, factorial
from scipy import stats, integrate
import scipy.stats
def azureml_main(df1):
    print(comb(5, 2), factorial(3), round(float(scipy.misc.derivative(lambda x: x ** 3, 1.0, dx=1e-3)), 3))
    print(stats.nanmean([1.0, float('nan'), 3.0]), integrate.simps([1, 2, 3]))
    print(scipy.sqrt(4.0), scipy.interp(0.5, [0, 1], [0, 10]))
    return df1
# out: 10.0 6.0 3.0
# out: 2.0 4.0
# out: 2.0 5.0
# notice[scipy1.12]: line 2: scipy.misc.comb
# notice: line 7: scipy.stats.nanmean was removed in SciPy 1.0; write numpy.nanmean
