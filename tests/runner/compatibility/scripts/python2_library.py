import urllib2, urllib, cPickle, StringIO, ConfigParser, Queue
import string
from itertools import izip, imap
import itertools
import commands
import sys
def azureml_main(df1):
    d = {'b': 2, 'a': 1}
    if d.has_key('a'):
        for k, v in sorted(d.iteritems()):
            sys.stdout.write("%s=%s " % (k, v))
    total = 0
    for i in xrange(3):
        total += i
    buf = StringIO.StringIO("x,y\n1,2\n")
    table = string.maketrans('ab', 'xy')
    s = "a.b!c".translate(table, string.punctuation)
    q = urllib.urlencode({'q': 'a b'})
    pairs = list(izip([1, 2], [3, 4]))
    data = cPickle.loads(cPickle.dumps([1, 2]))
    print(total, buf.read().strip().split()[0], s, q, pairs, data, string.join(['a', 'b'], '-'), string.letters[:3], string.lower('AB'))
    print(isinstance(u'x', unicode), isinstance('x', basestring), sys.maxint > 2 ** 31, unichr(97), long(3), reduce(lambda a, b: a + b, [1, 2, 3]))
    print(urllib2.quote('a b'), commands.getoutput('echo hi'))
    return df1
# out: 3 x,y xyc q=a+b [(1, 3), (2, 4)] [1, 2] a-b abc ab
# out: True True True a 3 6
# out: a%20b hi
# notice: line 1: urllib2 was removed in Python 3; write urllib.request
# notice: line 1: cPickle was removed in Python 3; write pickle
# notice: line 3: itertools.izip was removed in Python 3
# notice: line 9: .has_key was removed in Python 3; write key in d
# notice: line 13: xrange was removed in Python 3; write range
# notice: line 16: string.maketrans
# notice: line 17: text.translate(table, deleted)
