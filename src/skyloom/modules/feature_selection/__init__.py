"""Modules that choose the columns a model learns from."""
