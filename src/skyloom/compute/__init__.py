"""COMPUTE ROOM: carries out tasks in boxes on this machine.

local.py is the way in; zygote.py is the warm parent of every box; sandbox/ holds the isolation, one mechanism
a file. environments.py makes an interpreter from a wish.
"""
