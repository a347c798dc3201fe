"""RECORD ROOM: the store Protocols of engine/ports.py, in memory, in SQL and in a folder.

Start with memory.py for what each store does; then records_sql.py and artifacts_folder.py for how it
survives.
"""
