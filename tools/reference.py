"""Writes docs/reference from the code; with --check says which pages are behind it and exits with 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from skyloom.cli.tree import command_tree
from skyloom.core.codes import CODES
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter
from skyloom.modules.catalogue import load_catalogue

PLACE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- written by `make docs` from the code; do not edit -->"


def module_page() -> Iterator[str]:
    yield "# Modules"
    yield (
        "Names, ports, parameters and defaults are those of the old product. "
        "`skyloom module show NAME` prints the same."
    )
    for spec in load_catalogue().all():
        if spec.category != "Internal":
            yield from _module(spec)


def _module(spec: ModuleSpec) -> Iterator[str]:
    yield f"## {spec.name}"
    aliases = f" Also known as {', '.join(spec.aliases)}." if spec.aliases else ""
    family = f" Family `{spec.family}`." if spec.family else ""
    yield f"{spec.category}, version {spec.version}.{family}{aliases}"
    if spec.doc:
        yield spec.doc.strip()
    for title, ports in (
        (
            "Inputs",
            [(p.name, " or ".join(p.accepts), "" if p.required else "optional", p.doc) for p in spec.inputs],
        ),
        ("Outputs", [(p.name, p.type, "", p.doc) for p in spec.outputs]),
    ):
        if ports:
            rows = [
                f"| `{name}` | {kind} | {' '.join(filter(None, (mark, doc)))} |"
                for name, kind, mark, doc in ports
            ]
            yield "\n".join([f"| {title} | type | |", "|---|---|---|", *rows])
    if spec.parameters:
        rows = [_parameter(parameter) for parameter in spec.parameters]
        yield "\n".join(["| Parameters | type | default | |", "|---|---|---|---|", *rows])


def _parameter(parameter: Parameter) -> str:
    default = parameter.default
    shown = "" if default is None else f"`{_cell(str(default))}`"
    if "\n" in shown:
        shown = "see `module show`"
    notes = []
    if parameter.choices:
        notes.append("one of " + ", ".join(f"`{choice}`" for choice in parameter.choices))
    if parameter.minimum is not None or parameter.maximum is not None:
        low = "" if parameter.minimum is None else f"{parameter.minimum:g}"
        high = "" if parameter.maximum is None else f"{parameter.maximum:g}"
        notes.append(f"from {low or 'any'} to {high or 'any'}")
    if parameter.shown_when:
        parent, values = parameter.shown_when
        notes.append(f"when `{parent}` is " + " or ".join(f"`{value}`" for value in values))
    if parameter.doc:
        notes.append(parameter.doc)
    return f"| `{parameter.name}` | {parameter.type} | {shown} | {_cell('; '.join(notes))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def error_page() -> Iterator[str]:
    yield "# Error codes"
    yield (
        "Every fault has a code that stays, a message with the actual values, a place and a way out. "
        "Where the old product had a number for it, the number stands beside it."
    )
    rows = [
        f"| `{code}` | {entry.title} | {entry.studio or ''} | {entry.status} |"
        for code, entry in sorted(CODES.items())
    ]
    yield "\n".join(["| code | what it says | Studio | HTTP |", "|---|---|---|---|", *rows])


def command_page() -> Iterator[str]:
    yield "# Command line"
    yield (
        "Every command takes `--json` and then prints exactly one JSON object; "
        "messages go to the standard error stream."
    )
    yield "\n".join(
        [
            "| exit code | meaning |",
            "|---|---|",
            "| 0 | done |",
            "| 1 | the run failed |",
            "| 2 | the words of the command are off |",
            "| 3 | not found |",
            "| 4 | refused |",
            "| 5 | the agent cannot be reached |",
            "| 6 | out of time |",
            "| 7 | canceled |",
            "| 130 | Ctrl-C |",
        ]
    )
    yield from _command(get_command(command_tree()), "skyloom")


def _command(command: Any, path: str) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, child in sorted(command.commands.items()):
            if not child.hidden:
                yield from _command(child, f"{path} {name}")
        return
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    words = [getattr(p, "metavar", None) or str(p.name).upper() for p in arguments]
    yield f"## {' '.join([path, *words])}"
    yield (command.help or "").strip()
    rows = []
    for option in command.params:
        if option.param_type_name == "option":
            names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
            rows.append(f"| {names} | {_cell(getattr(option, 'help', '') or '')} |")
    if rows:
        yield "\n".join(["| option | |", "|---|---|", *rows])


PAGES = {"modules.md": module_page, "errors.md": error_page, "cli.md": command_page}


def main() -> int:
    PLACE.mkdir(parents=True, exist_ok=True)
    behind = []
    for name, page in PAGES.items():
        text = "\n\n".join([NOTE, *page()]) + "\n"
        file = PLACE / name
        if "--check" in sys.argv:
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                behind.append(f"docs/reference/{name}")
        else:
            file.write_text(text, encoding="utf-8")
    if behind:
        print(f"behind the code, run 'make docs': {', '.join(behind)}")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
