"""Modules for Skyloom from a package of their own."""
