# -*- coding: utf-8 -*-
import sys
reload(sys)
sys.setdefaultencoding('utf8')
import pandas as pd
from pandas.compat import StringIO
import scipy
pd.options.display.mpl_style = 'default'
pd.set_option('display.mpl_style', 'default')
pd.set_option('display.max_colwidth', -1)
def azureml_main(dataframe1 = None, dataframe2 = None):
    f = file('helper.txt', 'w')
    f.write("answer = 41\nprint 'loaded'\nanswer += 1\n")
    f.close()
    space = {}
    execfile('helper.txt', space)
    data = "(lp0\nS'caf\xe9'\np1\na."
    import cPickle
    words = cPickle.loads(data.encode('latin-1'))
    try:
        int('x')
    except ValueError as e:
        short = e.message[:7]
    d = {}
    d.setdefault('k', []).append(1)
    print space['answer'], words, short, apply(max, (1, 5)), cmp(1, 2), intern('a')
    print pd.read_csv(StringIO("a\n1\n")).shape, scipy.random.randn(2).shape, u'\u00e9'.encode('utf-8').decode('utf-8')
    return dataframe1
# out: loaded
# out: 42 ['café'] invalid 5 -1 a
# out: (1, 1) (2,) é
# notice: line 3: reload was removed in Python 3; write importlib.reload
# notice: line 4: sys.setdefaultencoding was removed in Python 3
# notice: line 6: pandas.compat.StringIO was removed in pandas 1.0; write io.StringIO
# notice: line 8: pd.options.display.mpl_style
# notice: line 16: execfile was removed in Python 3
# notice: helper.txt line 2: the print statement
# notice: line 19: pickle.loads of what Python 2 pickled
