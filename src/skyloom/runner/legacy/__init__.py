"""INSIDE AN OLD INTERPRETER: the script contract for Python 2.7 and 3.6, with nothing but numpy and pandas.

These files are run by the old interpreter itself, so they keep to what both Pythons read and import nothing
of Skyloom but each other. Start with ``__main__.py``, then ``box.py``. Types stand in comments.
"""
