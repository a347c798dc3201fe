from pandas.tools.rplot import *
import pandas.tools.rplot as rplot
def azureml_main(df1):
    try:
        plot = rplot.RPlot(df1, x='age', y='income')
    except Exception as error:
        print(error)
    return df1
# out: S042: pandas.tools.rplot was removed in pandas 0.20
# notice: line 1: pandas.tools.rplot was removed in pandas 0.20; write the package seaborn
