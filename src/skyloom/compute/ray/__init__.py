"""AmlCompute on Ray. Begin with ``pools.py``: nodes come when steps need them and go when they stand idle.

A pool has one ``cluster.py``: the agent's hand on a bridge, a process of its own (``bridge.py``) that alone
speaks with Ray, and that starts and ends this machine's nodes (``processes.py``). What a node does with a
task is ``workspace/ray_node.py``; ``parcel.py`` is how a task gets there, and what it made back.
"""
