"""Modules that measure how good models are, and the measures."""
