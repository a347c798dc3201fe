"""Environments from conda channels: which channels answer, solving and installing, packages of pip on top.

Start reading at builder.py. program.py and probe.py are processes of their own; the agent never loads
py-rattler.
"""
