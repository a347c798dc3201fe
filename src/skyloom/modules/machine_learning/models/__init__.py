"""What passes between the modules: learners before training, trained models, how they see and name columns.

Start with trained_model.py; learner.py is what comes before it, features.py how cells become numbers.
"""
