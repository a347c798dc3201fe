"""Modules that give a learner with its settings, one file a learner."""
