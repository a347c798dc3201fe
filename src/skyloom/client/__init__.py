"""CLIENT ROOM: how a face on this machine reaches the workspace, over the agent's Unix socket.

http.py is WorkspaceApi from afar; connection.py carries its requests, home.py says where the socket is and
start.py starts an agent when none answers. graph_text.py and graph_files.py read what people write.
Nothing here imports more than the standard library and PyYAML.
"""
