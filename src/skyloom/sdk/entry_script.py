"""``EntryScript``: the name that entry scripts import; a worker of a parallel step offers it itself."""

from skyloom.runner.steps.parallel.entry_script import EntryScript

__all__ = ["EntryScript"]
