"""FRONT DESK: the use cases of a workspace, carried out.

local.py names the concrete stores and computes; driver.py claims queued runs and drives them.
Start with local.py.
"""
