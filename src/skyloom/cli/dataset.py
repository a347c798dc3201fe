"""``skyloom dataset``: data kept in the workspace under a name and a version."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Memory, Quiet
from skyloom.cli.script import FORMATS, cannot_write
from skyloom.cli.sizes import half_of_memory, short_size
from skyloom.cli.terminal import Terminal
from skyloom.client.http import open_client
from skyloom.core.dataset import Dataset
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import to_json
from skyloom.core.task import Limits

Name = Annotated[str, typer.Argument(metavar="NAME", help="A dataset's name.")]
Version = Annotated[int, typer.Option("--version", min=0, help="Default: the newest.")]

app = typer.Typer(help="Datasets: add, look at, fetch, delete.", no_args_is_help=True)


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="csv, tsv, arff, svmlight, parquet, xlsx, zip ...")
    ],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Default: the file's name.")] = None,
    kind: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Dataset, Zip, File; default: by the file.")
    ] = None,
    description: Annotated[str, typer.Option(help="What it is.")] = "",
    memory: Memory = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Add a file as a dataset; a name that exists gets a new version."""
    terminal = Terminal(as_json, quiet)
    if not file.is_file():
        raise ProblemError(Problem("A021", f"There is no file '{file}'.", str(file), "Check the path."))
    api = open_client()
    with file.open("rb") as content:
        artifact = api.upload(content, file.name, kind, Limits(memory_bytes=memory or half_of_memory()))
    dataset = api.register_dataset(name or file.stem, artifact, description)
    if as_json:
        terminal.answer(_told(dataset))
    else:
        terminal.say(f"Dataset '{dataset.name}' version {dataset.version}: {_facts(dataset)}")
    return exit_codes.OK


@app.command("list")
def list_(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """List datasets by name."""
    terminal = Terminal(as_json, quiet)
    found = open_client().datasets()
    if as_json:
        terminal.answer({"datasets": [_told(dataset) for dataset in found]})
    elif found:
        terminal.table(
            ("name", "version", "type", "rows", "columns", "size", "created", "description"),
            [
                (
                    one.name,
                    one.version,
                    one.artifact.type,
                    one.facts.get("rows"),
                    one.facts.get("columns"),
                    short_size(one.artifact.size),
                    one.created_at[:19],
                    one.description,
                )
                for one in found
            ],
        )
    else:
        terminal.say("There are no datasets yet; 'skyloom dataset add FILE' adds one.")
    return exit_codes.OK


@app.command()
def show(name: Name, version: Version = 0, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Show a dataset: its facts and, of a table, statistics of every column."""
    terminal, api = Terminal(as_json, quiet), open_client()
    dataset = api.dataset(name, version)
    profile = api.profile(dataset.artifact) if dataset.artifact.type == "Dataset" else None
    if as_json:
        terminal.answer({**_told(dataset), "profile": profile})
        return exit_codes.OK
    terminal.facts(
        {
            "name": dataset.name,
            "version": dataset.version,
            "type": dataset.artifact.type,
            "created": dataset.created_at,
            "description": dataset.description,
            "size": short_size(dataset.artifact.size),
            "digest": dataset.artifact.digest,
            **dataset.facts,
        }
    )
    _show_columns(terminal, profile)
    return exit_codes.OK


@app.command()
def download(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; - for stdout.")],
    format_: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="csv, tsv, arff, svmlight, parquet, raw.")
    ] = None,
    version: Version = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Write a dataset to a file; the format is told by its name."""
    terminal, api = Terminal(as_json, quiet), open_client()
    dataset = api.dataset(name, version)
    wanted = format_ or (FORMATS.get(file.suffix.lower()) if dataset.artifact.type == "Dataset" else "raw")
    if wanted is None:
        raise typer.BadParameter(f"'{file}' names no format; give --format", param_hint="FILE")
    source = api.download(dataset.artifact, wanted)
    try:
        if str(file) == "-":
            with open(source, "rb") as content:
                shutil.copyfileobj(content, sys.stdout.buffer)
            return exit_codes.OK
        shutil.copyfile(source, file)
    except OSError as error:
        raise cannot_write(file, error) from error
    if as_json:
        terminal.answer({**_told(dataset), "path": str(file.absolute()), "format": wanted})
    else:
        terminal.say(f"Wrote '{file}' ({short_size(file.stat().st_size)}).")
    return exit_codes.OK


@app.command()
def delete(
    name: Name,
    version: Annotated[int, typer.Option("--version", min=0, help="Default: all versions.")] = 0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Delete a dataset; runs that used it keep their results."""
    terminal, api = Terminal(as_json, quiet), open_client()
    api.dataset(name, version)
    what = f"version {version} of '{name}'" if version else f"all versions of '{name}'"
    if not yes and not as_json and sys.stdin.isatty() and not typer.confirm(f"Delete {what}?", err=True):
        return exit_codes.REFUSED
    deleted = api.delete_dataset(name, version)
    if as_json:
        terminal.answer({"name": name, "deleted": deleted})
    else:
        terminal.say(f"Deleted {deleted} version{'' if deleted == 1 else 's'} of '{name}'.")
    return exit_codes.OK


def _told(dataset: Dataset) -> dict[str, Json]:
    """Every field, defaults too: readers of --json should not have to know them."""
    return {
        "name": dataset.name,
        "version": dataset.version,
        "created_at": dataset.created_at,
        "description": dataset.description,
        "facts": dict(dataset.facts),
        "artifact": to_json(dataset.artifact),
    }


def _facts(dataset: Dataset) -> str:
    rows, columns = dataset.facts.get("rows"), dataset.facts.get("columns")
    size = short_size(dataset.artifact.size)
    return (
        f"{rows} rows, {columns} columns, {size}" if rows is not None else f"{dataset.artifact.type}, {size}"
    )


def _show_columns(terminal: Terminal, profile: dict[str, Json] | None) -> None:
    """One row a column: its name, its type, and its statistics in Studio's order (studio.md 3.2)."""
    data, statistics = _part(profile, "data"), _part(profile, "statistics")
    columns, measures = _listed(data, "features"), _listed(statistics, "features")
    if not columns:
        return
    names = ["column", "type", *(str(_part(measure, "name") or "") for measure in measures)]
    rows = zip(columns, _listed(statistics, "records"), strict=False)
    terminal.table(
        names,
        [
            [
                _part(column, "name"),
                _part(column, "elementType"),
                *map(_cell, row if isinstance(row, list) else []),
            ]
            for column, row in rows
        ],
    )


def _part(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _listed(value: Json, key: str) -> list[Json]:
    found = _part(value, key)
    return found if isinstance(found, list) else []


def _cell(value: Json) -> Json:
    return f"{value:.6g}" if isinstance(value, float) else value
