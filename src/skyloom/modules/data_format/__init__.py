"""Conversions (studio.md 2.2, Conversions)."""
