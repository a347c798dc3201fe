"""The driver of a notebook step: cells in one namespace, their outputs kept. Begin with ``drive.py``."""
