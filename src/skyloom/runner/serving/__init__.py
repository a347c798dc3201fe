"""Web services inside a box: a worker that stays, and answers call after call from memory.

Start with worker.py (its life), then request.py, steps.py and reply.py: the stages of a call.
"""
