"""Modules that change rows, columns and their metadata."""
