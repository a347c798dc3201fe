"""RUN ROOM: carries a graph from submission to its last recorded state.

Files are named by the stage of a run, in its order: submit, schedule, reuse, stage, lower, collect, record.
The world is known through ports.py only. Start with schedule.py.
"""
