import sys
sys.path.append('./Script Bundle')
import old_helpers
from package_of_old import work
def azureml_main(df1):
    print(old_helpers.pairs([1, 2], [3, 4]), work.total([1, 2]))
    return old_helpers.features(df1)
# out: [(1, 3), (2, 4)] 3
# result: r[0].shape == (6, 2)
# notice: Script Bundle/old_helpers.py line 4: the print statement
# notice: Script Bundle/old_helpers.py line 1: itertools.izip
# notice: Script Bundle/old_helpers.py line 8: DataFrame.as_matrix
