"""Tables: what a Dataset is in memory, in a file and in pandas.

Begin with ``table.py``; ``table_file.py`` keeps tables, ``to_frame.py`` and ``from_frame.py`` carry them to a
script and back by docs/translation-rules.md. Runs in boxes too: Python 3.8, pandas 1.5, pyarrow optional.
"""
