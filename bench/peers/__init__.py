"""What `make bench-peers` measures: other tools at the same small work, each in an environment of its own.

environments.py says which tools; programs/ holds one program a tool, which runs inside its environment.
"""
