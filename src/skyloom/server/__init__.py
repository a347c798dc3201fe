"""SERVICE ROOM: HTTP over WorkspaceApi; as a process it is the agent of one workspace.

agent.py is the life of that process (lock, socket, idle end), app.py puts the routes together, routes/ has
one file per noun, errors.py makes every refusal a problem document. Start with app.py.
"""
