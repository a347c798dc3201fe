def azureml_main(df1):
    d = dict(b=2, a=1)
    keys = d.keys()
    keys.sort()
    print keys, d.values()[0], map(str, [1, 2])[0], zip([1], [2])[0], range(3) + [9]
    words = ['bb', 'a']
    words.sort(lambda x, y: cmp(len(x), len(y)))
    print words, sorted([3, 1, 2], cmp=lambda a, b: b - a), filter(None, [0, 1])
    pairs = sorted(d.items(), key=lambda (k, v): v)
    it = iter([5, 6])
    print pairs, it.next(), 'abc'.decode('utf-8'), dict(d.items() + [('c', 3)])
    print [x for x in 1, 2], 7 / 2
    return df1
# out: ['a', 'b'] 2 1 (1, 2) [0, 1, 2, 9]
# out: ['a', 'bb'] [3, 2, 1] [1]
# out: [('a', 1), ('b', 2)] 5 abc {'b': 2, 'a': 1, 'c': 3}
# out: [1, 2] 3.5
# notice: line 9: unpacking in a parameter list
# notice: line 12: whole / whole rounding down stopped working in Python 3
