"""Kinds of steps. pipeline_step.py has what they share; each further file is one kind."""
