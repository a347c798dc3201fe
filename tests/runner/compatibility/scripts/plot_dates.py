import matplotlib
matplotlib.use('agg')
import matplotlib.pyplot as plt
import matplotlib.mlab as mlab
import numpy as np
def azureml_main(df1):
    plt.style.use('seaborn-whitegrid')
    fig = plt.figure()
    ax = fig.add_subplot(111, axisbg='w')
    ax.plot_date(df1['when'], df1['age'], '-')
    ax.grid('off')
    plt.grid(b=True)
    plt.tick_params(labelbottom='off')
    x = np.linspace(-3, 3, 5)
    density = mlab.normpdf(x, 0, 1)
    plt.boxplot([df1['age']], labels=['age'])
    plt.savefig('p.png', frameon=True)
    print(round(density[2], 4))
    return df1
# out: 0.3989
# result: png == ['p.png']
# notice[matplotlib3.8]: line 7: plt.style.use('seaborn-whitegrid')
# notice: line 9: axisbg='w' stopped working in matplotlib 2.2; write facecolor='w'
# notice: line 11: grid('off')
# notice: line 15: mlab.normpdf was removed in matplotlib 3.1
