"""Face A, experiments: drafts and runs, import of the old product's graphs, predictive experiments.

Begin with experiments.py, the use cases. What is decided (node_states.py, refusals.py, classic_graph.py,
scoring.py) is apart from what is carried out.
"""
