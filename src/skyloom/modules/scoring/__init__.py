"""Modules that apply what others have fitted."""
