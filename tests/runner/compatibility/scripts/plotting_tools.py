import matplotlib
matplotlib.use('TkAgg')
import matplotlib.pyplot as plt
from pandas.tools.plotting import scatter_matrix, parallel_coordinates
def azureml_main(df1):
    axes = scatter_matrix(df1[['age', 'id']], diagonal='hist')
    plt.savefig('scatter.png')
    fig, ax = plt.subplots()
    df1[['age']].plot(axes=ax)
    plt.plot(df1['age'], df1['id'], axes=ax, hold=True)
    plt.hold(True)
    ax.hist(df1['age'], bins=3, normed=True)
    fig.savefig('two.png')
    return df1
# result: sorted(png) == ['scatter.png', 'two.png']
# notice: line 2: matplotlib.use('TkAgg')
# notice: line 4: pandas.tools.plotting was removed in pandas 1.0; write pandas.plotting
# notice: line 9: df.plot(axes=ax)
# notice: line 10: plot(..., axes=ax)
# notice: line 11: plt.hold
# notice: line 12: hist(normed=True) stopped working in matplotlib 3.1; write hist(density=True)
