"""Skyloom: Studio experiments and SDK v1 pipelines, on your own machine."""

__version__ = "0.1.0"
