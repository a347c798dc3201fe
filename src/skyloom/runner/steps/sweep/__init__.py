"""The driver of a hyperparameter sweep. Begin with ``drive.py``: trials of one script, side by side."""
