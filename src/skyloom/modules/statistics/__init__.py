"""Modules that compute figures of columns, or new columns by a formula."""
