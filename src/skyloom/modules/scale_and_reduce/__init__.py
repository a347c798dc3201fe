"""Modules that bring numbers into another range, into bins or into fewer columns."""
