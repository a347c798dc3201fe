"""Modules whose work is code typed into a box of the canvas."""
