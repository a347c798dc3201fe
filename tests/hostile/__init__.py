"""HOSTILE: scripts and files that attack, exhaust or confuse the product, and what must come of each.

A case is one small script of cases/, its expectation in its docstring (case.py). driver.py runs it through
the command line; checks.py judges what came back, machine_checks.py what became of the machine.
"""
