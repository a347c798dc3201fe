"""Modules that score data with trained models."""
