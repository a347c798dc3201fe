"""``skyloom experiment import | bind | export``: experiments as files of the old product."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Memory, Quiet
from skyloom.cli.script import cannot_write
from skyloom.cli.sizes import half_of_memory
from skyloom.cli.terminal import Paint, Terminal
from skyloom.client.experiment_files import decoded
from skyloom.client.graph_yaml import yaml_of
from skyloom.client.http import HttpWorkspace, open_client
from skyloom.core.experiment import DataNote, Experiment, ImportReport
from skyloom.core.experiments_api import ExportFormat
from skyloom.core.graph_problems import close_name
from skyloom.core.graph_program import program_of
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.core.task import Limits

_OWN: Mapping[str, Callable[[dict[str, Json]], str]] = {"yaml": yaml_of, "python": program_of}
Reference = Annotated[str, typer.Argument(metavar="NAME", help="An experiment's name or id.")]
Bindings = Annotated[
    list[str],
    typer.Option(
        "--bind",
        metavar="NODE=FILE",
        help="A file for data that the graph refers to; NODE may be a part of the id. Repeatable.",
    ),
]


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An exported graph, or a web service definition.")
    ],
    bind: Bindings = [],  # noqa: B006 - typer copies it
    name: Annotated[str, typer.Option(metavar="NAME", help="Default: the name in the file.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only say what an import would find.")] = False,
    memory: Memory = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Import an experiment of Studio (classic); tell what has no twin here and which files to bind."""
    terminal, api = Terminal(as_json, quiet), open_client()
    foreign = decoded(_content(file))
    report = api.experiments.read_export(foreign)
    if check:
        return _tell(terminal, None, report)
    datasets = _upload_all(api, report.data, pairs(bind), memory)
    experiment, report = api.experiments.import_experiment(foreign, name, datasets)
    return _tell(terminal, experiment, report)


def bind(
    name: Reference,
    bindings: Annotated[list[str], typer.Argument(metavar="NODE=FILE", help="A file for a data node.")],
    memory: Memory = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Give data nodes of an imported experiment their files."""
    terminal, api = Terminal(as_json, quiet), open_client()
    _, report = api.experiments.bind_data(name, {})
    datasets = _upload_all(api, report.data, pairs(bindings), memory)
    experiment, report = api.experiments.bind_data(name, datasets)
    return _tell(terminal, experiment, report)


def export(
    name: Reference,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; - for stdout.")] = Path("-"),
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="classic, arm, yaml (a graph file) or python; default: as it was imported.",
        ),
    ] = None,
    python: Annotated[
        bool, typer.Option("--python", help="A program that builds and runs the graph; --format python.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Write an experiment as JSON of Studio (classic), a graph file or a Python program.

    One that was imported and not edited is its file.
    """
    terminal = Terminal(as_json, quiet)
    if python and format_ not in (None, "python"):
        raise typer.BadParameter("--python is --format python", param_hint="--format")
    kind, text, encoding = _exported(name, "python" if python else format_)
    content = text.encode(encoding)
    if as_json:
        terminal.answer({"format": kind, "encoding": encoding, "text": text})
    elif str(file) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    if str(file) != "-":
        try:
            file.write_bytes(content)
        except OSError as error:
            raise cannot_write(file, error) from error
        terminal.say(f"Wrote '{file}' ({kind}).")
    return exit_codes.OK


def _exported(name: str, wanted: str | None) -> tuple[str, str, str]:
    """Format, text and encoding of an experiment's file."""
    experiments = open_client().experiments
    if wanted is not None and wanted in _OWN:
        return wanted, _OWN[wanted](experiments.experiment_document(name)), "utf-8"
    formats: dict[str, ExportFormat] = {"classic": "classic", "arm": "arm"}
    if wanted is not None and wanted not in formats:
        known = ", ".join((*formats, *_OWN))
        raise typer.BadParameter(f"'{wanted}' is no format; use one of {known}", param_hint="--format")
    foreign = experiments.export_experiment(name, formats[wanted] if wanted else None)
    return foreign.format, foreign.text, foreign.encoding


def pairs(words: list[str]) -> dict[str, Path]:
    """``NODE=FILE`` words; ids hold no equals sign.

    >>> pairs(["a.b=x=y.csv"])
    {'a.b': PosixPath('x=y.csv')}
    """
    found = {}
    for word in words:
        node, equals, file = word.partition("=")
        if not equals or not node.strip() or not file:
            raise typer.BadParameter(f"'{word}' is no NODE=FILE")
        path = Path(file)
        if not path.is_file():
            raise ProblemError(Problem("A021", f"There is no file '{path}'.", word, "Check the path."))
        found[node.strip()] = path
    return found


def _upload_all(
    api: HttpWorkspace, data: tuple[DataNote, ...], files: dict[str, Path], memory: int | None
) -> dict[str, str]:
    """Node -> the dataset that its file became, of the type that the node is of."""
    nodes = {word: _node(data, word) for word in files}
    limits = Limits(memory_bytes=memory or half_of_memory())
    register = partial(_registered, api, limits)
    return {nodes[word].node: register(path, nodes[word].type) for word, path in files.items()}


def _registered(api: HttpWorkspace, limits: Limits, path: Path, kind: str) -> str:
    with path.open("rb") as content:
        artifact = api.upload(content, path.name, kind, limits)
    return api.register_dataset(path.stem, artifact).name


def _node(data: tuple[DataNote, ...], word: str) -> DataNote:
    """The data node of that id, or the only one whose id has the word in it."""
    exact = [one for one in data if one.node == word]
    found = exact or [one for one in data if word.casefold() in one.node.casefold()]
    if len(found) == 1:
        return found[0]
    names = [str(one.node) for one in data]
    listed = f"It refers to: {', '.join(names)}." if names else "It refers to no data."
    what = "fits several data nodes" if found else "is no data node"
    raise ProblemError(
        Problem("G211", f"'{word}' {what} of the graph.", word, close_name(word, names) or listed)
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ProblemError(
            Problem("A021", f"'{file}' cannot be read: {error.strerror}.", str(file), "Check the path.")
        ) from error


def _tell(terminal: Terminal, experiment: Experiment | None, report: ImportReport) -> int:
    if terminal.as_json:
        told = {"id": experiment.id, "name": experiment.name} if experiment else None
        terminal.answer({"experiment": told, "complete": report.is_complete, "report": to_json(report)})
        return exit_codes.OK
    rows: list[tuple[object, ...]] = [
        (one.node, one.module, "yes" if one.has_twin else "NO", "; ".join(one.notes)) for one in report.nodes
    ]
    terminal.table(("node", "module", "twin", "notes"), rows)
    if report.data:
        terminal.line()
        terminal.table(
            ("data", "type", "feeds", "bound to"),
            [
                (one.node, one.type, ", ".join(one.feeds), one.dataset if one.found else "NOTHING: --bind")
                for one in report.data
            ],
        )
    for note in report.notes:
        terminal.say(Paint("note", "yellow"), f": {note}")
    if experiment is not None:
        rest = "" if report.is_complete else "; what is marked above stands in the way of a run"
        terminal.say(f"Experiment '{experiment.name}' ({experiment.id}){rest}.")
    return exit_codes.OK
