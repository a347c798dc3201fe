"""Scripts of 2014 to 2018 on today's packages: the removed names, and Python 2.

Start at ``install.start``. ``source.modernise`` changes text, ``library.Library`` describes what one library lost, the ``*_names``
files say what it was and what we do about it, and ``session.Session`` knows which code is the user's and tells each use once.
All of it runs inside the box, in the environment's own interpreter (Python 3.8 and up). The table for users is docs/compatibility.md.
"""
