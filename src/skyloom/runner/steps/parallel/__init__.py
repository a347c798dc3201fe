"""The driver of ParallelRunStep. Begin with ``drive.py``: mini-batches go to workers, results to one file."""
