# -*- coding: utf-8 -*-
# The script MUST contain a function named azureml_main
import pandas as pd
import sys

def azureml_main(dataframe1 = None, dataframe2 = None):
    print 'Input pandas.DataFrame #1:\r\n\r\n{0}'.format(dataframe1.shape)
    print
    print "a", "b",
    print >>sys.stderr, "warn %d" % 3
    if len(dataframe1) <> 6: print "never"
    try:
        raise ValueError, "bad thing"
    except ValueError, e:
        print "caught", e, `1 + 1`
    exec "answer = 10"
    mode = 0777 + 10L
    return dataframe1,
# out: (6, 6)
# out: caught bad thing 2
# result: len(r[0]) == 6
# notice: line 7: the print statement stopped working in Python 3; write print(...)
# notice: line 11: <> stopped working
# notice: line 13: raise E, value
# notice: line 14: except X, e stopped working in Python 3; write except X as e
# notice: line 17: octal numbers such as 0777
