"""FACE B: pipelines in Python, under the names of SDK v1. A client of the agent, over its socket.

Start with workspace.py, then pipeline.py and steps/; compile.py is where steps become a core.Graph. The old
import paths (``azureml.core`` ...) are the distribution in compat/azureml, which re-exports what is here.
"""
