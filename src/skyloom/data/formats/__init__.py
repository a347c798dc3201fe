"""Files that people bring and take: one format a file, ``read_table`` of ``detect.py`` for any of them.

Readers meet strangers' files, so they run inside boxes.
"""
