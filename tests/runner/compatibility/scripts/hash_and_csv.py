import csv, hashlib, md5
import json
def azureml_main(df1):
    f = open('t.csv', 'wb')
    w = csv.writer(f)
    w.writerow(['a', u'b'])
    f.close()
    rows = [row for row in csv.reader(open('t.csv', 'rb'))]
    print rows, hashlib.md5('abc').hexdigest()[:4], md5.new('abc').hexdigest()[:4]
    return df1
# out: [['a', 'b']] 9001 9001
# notice: line 8: csv.reader(open(name, 'rb'))
# notice: line 9: hashlib.md5(text)
