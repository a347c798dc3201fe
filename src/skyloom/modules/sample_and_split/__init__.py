"""Modules that take some of the rows."""
