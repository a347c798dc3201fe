"""Scripts of 2014 to 2018 on today's packages: the removed names, and Python 2.

Start at ``install.start``. ``source`` changes text, ``library`` describes what one library lost, the
``*_names`` and ``*_calls`` files say what that was, ``session`` knows which code is the user's. All of it
runs inside the box, in the environment's interpreter (Python 3.8 and up). For users: docs/compatibility.md.
"""
