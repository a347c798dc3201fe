"""``skyloom``: carries out what was typed and ends with an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from skyloom.cli import exit_codes

# Imports in these functions are late on purpose: which of them is needed depends on the words, and each
# would cost every command its time.


def main() -> int:
    """The exit code is one of exit_codes.py; no traceback of ours reaches the user."""
    words = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a poor locale must not end a command
    try:
        return _quick(words) if is_quick(words) else _typed(words)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails again
        return exit_codes.FAILED
    except SystemExit:
        raise
    except BaseException as error:
        from skyloom.cli.endings import tell_end

        return tell_end(error, "--json" in words)


def is_quick(words: Sequence[str]) -> bool:
    """Whether this is the list of runs as it is mostly asked for, which goes around the parser.

    Loading typer takes longer than the whole command. Every other form of it goes through typer, to the same
    function.
    """
    return list(words[:2]) == ["runs", "list"] and all(
        word in ("--json", "--quiet", "-q") for word in words[2:]
    )


def _quick(words: Sequence[str]) -> int:
    from skyloom.cli.runs_list import show_runs

    return show_runs(as_json="--json" in words, quiet="--quiet" in words or "-q" in words)


def _typed(words: list[str]) -> int:
    from skyloom.cli.tree import carry_out

    return carry_out(words)
