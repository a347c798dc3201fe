"""The tree of commands: nouns with verbs, and a few verbs of their own."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from skyloom import __version__
from skyloom.cli import exit_codes, interrupts

NOUNS = (
    "script",
    "runs",
    "experiment",
    "dataset",
    "module",
    "agent",
    "token",
    "endpoint",
)  # files with an ``app`` of verbs
VERBS = {
    "run": "run",
    "validate": "run",
    "doctor": "doctor",
    "up": "up",
    "down": "up",
    "debug": "debug",
}  # commands by the file they are in


def command_tree(words: Sequence[str] = ()) -> typer.Typer:
    """The commands; only the file of the noun among ``words`` is loaded, all of them where none is named."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else None,
    )
    app.callback()(skyloom)
    asked = next((word for word in words if not word.startswith("-")), None)
    everything = asked not in (*NOUNS, *VERBS)
    for verb, file in VERBS.items():
        if everything or asked == verb:
            app.command(verb)(getattr(importlib.import_module(f"skyloom.cli.{file}"), verb))
    for noun in NOUNS:
        if everything or asked == noun:
            app.add_typer(importlib.import_module(f"skyloom.cli.{noun}").app, name=noun)
    return app


def carry_out(words: list[str]) -> int:
    """Carry out the words of a command line; faults of usage and problems are raised.

    SIGINT always interrupts, also where a shell that put us in the background had it ignored.
    """
    interrupts.listen(signal.SIGINT)
    try:
        result = command_tree(words)(words, prog_name="skyloom", standalone_mode=False)
    except typer.Abort as stopped:  # Ctrl-C or the end of input at a question
        raise KeyboardInterrupt from stopped
    if result == exit_codes.INTERRUPTED:  # typer makes this of Ctrl-C
        raise KeyboardInterrupt
    return result if isinstance(result, int) else exit_codes.OK


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"skyloom {__version__}")
        raise typer.Exit


def skyloom(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run Studio experiments and their scripts: local, sandboxed, reproducible."""
