"""Spark inside a box: a cluster of one machine that stays up, and steps that use it.

Begin with ``serve.py`` (the cluster's process), then ``step.py`` (one step's process, forked from it),
``notebook.py`` and ``source.py`` (notebooks), ``dbutils.py``. pyspark is imported where it is needed.
"""
