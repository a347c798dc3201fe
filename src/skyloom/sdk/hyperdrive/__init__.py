"""Sweeps over hyperparameters: what is searched, how it is sampled, when trials end early, the run of it."""
