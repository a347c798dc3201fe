"""Learners, training, scoring and evaluation.

initialize/ has a file for each learner, train/, score/ and evaluate/ what is done with them; models/ is what
they share. Start with models/trained_model.py.
"""
