"""COMMAND LINE: one file per noun, each a thin client of the workspace's agent.

main.py finds the noun and ends with an exit code of exit_codes.py; terminal.py is the one place that writes.
follow.py watches a run. Nothing heavy is imported: a command must be there before anybody notices.
"""
