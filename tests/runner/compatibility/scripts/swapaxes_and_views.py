def azureml_main(df1):
    small = df1[['age', 'id']]
    turned = small.swapaxes(0, 1)
    print(turned.shape, df1['age'].ravel()[:2].tolist(), df1['age'].nonzero()[0].tolist()[:2], df1.index.contains(3))
    print(df1['age'].ptp(), df1.age.asobject[0], df1.head(1)['label'].bool() if False else 'skipped')
    return turned
# out: (2, 6) [23, 35] [0, 1] True
# out: 45 23 skipped
# notice[pandas3]: line 3: DataFrame.swapaxes was removed in pandas 3.0
# notice: line 4: Series.nonzero
