"""``skyloom module``: the palette."""

from __future__ import annotations

from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.terminal import Terminal
from skyloom.client.http import open_client
from skyloom.client.strict_json import strict_json
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import Json
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import Parameter
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json

app = typer.Typer(help="Modules: the boxes of the palette.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """List modules by category."""
    terminal = Terminal(as_json, quiet)
    found = sorted(open_client().modules(), key=lambda spec: (spec.category, spec.name))
    if as_json:
        terminal.answer({"modules": [to_json(spec) for spec in found]})
    else:
        rows = [(spec.category, spec.name, spec.version, spec.doc.partition("\n")[0]) for spec in found]
        terminal.table(("category", "module", "version", "what it does"), rows)
    return exit_codes.OK


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A module's name.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Show a module's ports and parameters."""
    terminal = Terminal(as_json, quiet)
    spec = _found(open_client().modules(), name)
    if as_json:
        terminal.answer(to_json(spec))
        return exit_codes.OK
    terminal.facts({"module": spec.name, "version": spec.version, "category": spec.category, "doc": spec.doc})
    ports = [
        ("input", port.name, " or ".join(port.accepts), "needed" if port.required else "", port.doc)
        for port in spec.inputs
    ]
    ports += [("output", port.name, port.type, "", port.doc) for port in spec.outputs]
    if ports:
        terminal.line()
        terminal.table(("port", "name", "type", "", "what it is"), ports)
    if spec.parameters:
        terminal.line()
        terminal.table(
            ("parameter", "type", "default", "choices", "shown when"),
            [_parameter_row(parameter) for parameter in spec.parameters],
        )
    return exit_codes.OK


def _found(modules: list[ModuleSpec], name: str) -> ModuleSpec:
    """By name or alias, large and small letters alike where nothing fits exactly."""
    for same in (str, str.casefold):
        for spec in modules:
            if same(name) in (same(spec.name), *map(same, spec.aliases)):
                return spec
    hint = close_name(name, [spec.name for spec in modules]) or "'skyloom module list' shows all."
    raise ProblemError(Problem("A026", f"There is no module '{name}'.", name, hint))


def _parameter_row(parameter: Parameter) -> tuple[object, ...]:
    when = parameter.shown_when
    shown = f"{when[0]}: {', '.join(map(str, when[1]))}" if when else ""
    return (parameter.name, parameter.type, _short(parameter.default), ", ".join(parameter.choices), shown)


def _short(value: Json) -> str:
    text = "" if value is None else value if isinstance(value, str) else strict_json(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
