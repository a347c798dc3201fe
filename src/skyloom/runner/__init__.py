"""Inside the sandbox: what is called in the forked, isolated child, and what the child answers.

Start with ``execute.py`` (the one entry); ``python_script.py``, ``sql.py`` and ``function.py`` carry out one
kind of node each, ``collect.py`` writes what they made into the output files. All of it runs in user
environments too (Python 3.8 and up) and expects hostile neighbours in its own process.
"""
