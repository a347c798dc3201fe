"""Modules that train learners."""
