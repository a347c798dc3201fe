"""GRAPH ROOM: the words both faces are written in.

Frozen values and pure functions; nothing is imported but the standard library.
Start with graph.py, then module.py and task.py.
"""
