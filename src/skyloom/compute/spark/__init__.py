"""Steps on Spark: boxes that stay up as clusters of this machine, and Databricks workspaces elsewhere.

Begin with ``clusters.py`` (which cluster a step gets), then ``cluster.py`` (one box), ``step_run.py`` (one
step in it), ``live_folder.py`` (what is read from a box that is up). ``databricks.py`` is the other engine.
"""
