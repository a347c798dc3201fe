"""Isolation of one box, one mechanism a file. Runs inside user environments (Python 3.8 and up).

levels.py names the levels; enclosure.py puts the mechanisms in order for each level; canaries.py tries to
break out.
"""
