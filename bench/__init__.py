"""What `make bench` measures: each figure of docs/performance.md beside its floor in the same run.

Start with measure.py (what a case is), then any item: trivial_script.py is the smallest.
"""
