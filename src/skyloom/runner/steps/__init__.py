"""Drivers of steps: what the SDK's other kinds of steps do with a script, inside the step's own process.

A driver is called by the small file that the SDK puts into the step's snapshot (``sdk/driver.py``); its words
are the step's. Begin with ``words.py``.
"""
