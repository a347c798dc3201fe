"""``skyloom experiment``: drafts and runs of the canvas."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.assignments import assignments
from skyloom.cli.experiment_files import Reference, bind, export, import_
from skyloom.cli.options import (
    AsJson,
    Compatibility,
    Disk,
    Environment,
    Isolation,
    Log,
    Memory,
    Processes,
    Quiet,
    Timeout,
)
from skyloom.cli.progress import watch_run
from skyloom.cli.run import typed_values
from skyloom.cli.run_options import DISK_BYTES, LOG_BYTES, PROCESSES, run_options
from skyloom.cli.terminal import Terminal
from skyloom.client.graph_files import with_files
from skyloom.client.graph_text import read_graph_text
from skyloom.client.http import HttpWorkspace, open_client
from skyloom.core.experiment import Experiment, ExperimentSummary
from skyloom.core.experiments_api import ExperimentRun, ServiceSetup
from skyloom.core.identity import Json
from skyloom.core.serialize import to_json

GraphFile = Annotated[Path, typer.Argument(metavar="GRAPH", help="A graph file: YAML or JSON.")]
Node = Annotated[str, typer.Argument(metavar="NODE", help="A node of its graph.")]
COLUMNS = ("experiment", "state", "changed", "role", "id", "run")

app = typer.Typer(help="Experiments: drafts, runs, files of Studio (classic).", no_args_is_help=True)
app.command("import")(import_)
app.command()(bind)
app.command()(export)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 100,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """List experiments, the one changed last first."""
    return _tell_versions(Terminal(as_json, quiet), open_client().experiments.experiments(limit))


@app.command()
def history(name: Reference, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """List the prior runs of an experiment, newest first; the first one is the one that may be edited."""
    return _tell_versions(Terminal(as_json, quiet), open_client().experiments.prior_runs(name))


@app.command()
def show(name: Reference, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Show an experiment: its graph and what stands on each node."""
    terminal, api = Terminal(as_json, quiet), open_client().experiments
    found, nodes = api.experiment(name), api.experiment_nodes(name)
    if as_json:
        document = api.experiment_document(name)
        terminal.answer(
            {**_facts(found), "document": document, "nodes": [to_json(status) for status in nodes]}
        )
        return exit_codes.OK
    terminal.facts(_facts(found))
    if nodes:
        terminal.line()
        titles = {node.id: node.title for node in found.graph.nodes}
        rows = [
            (
                one.node,
                titles.get(one.node, ""),
                one.state,
                one.executed_by,
                one.node_run and one.node_run.run,
            )
            for one in nodes
        ]
        terminal.table(("node", "title", "state", "executed by", "run"), rows)
    return exit_codes.OK


@app.command()
def create(
    graph: GraphFile,
    name: Annotated[str, typer.Option(metavar="NAME", help="Default: the graph's name.")] = "",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Make an experiment of a graph file, as a draft."""
    api = open_client()
    made = api.experiments.create_experiment(_document(api, graph), name)
    return _tell_one(Terminal(as_json, quiet), made)


@app.command()
def edit(
    name: Reference,
    graph: GraphFile,
    keep_versions: Annotated[
        bool, typer.Option("--keep-versions", help="Do not bring modules to their newest version.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Put a graph file in place of the experiment's graph; one that was run becomes a draft."""
    api = open_client()
    made = api.experiments.edit_experiment(name, _document(api, graph), keep_versions=keep_versions)
    return _tell_one(Terminal(as_json, quiet), made)


@app.command()
def run(
    name: Reference,
    param: Annotated[
        list[str], typer.Option(metavar="NAME=VALUE", help="Give a graph parameter a value; repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    select: Annotated[
        list[str], typer.Option(metavar="NODE", help="Run this and what it needs; repeatable.")
    ] = [],  # noqa: B006
    regenerate: Annotated[bool, typer.Option("--regenerate", help="Do not reuse earlier results.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
    timeout: Timeout = None,
    memory: Memory = None,
    processes: Processes = PROCESSES,
    disk: Disk = DISK_BYTES,
    log: Log = LOG_BYTES,
    isolation: Isolation = None,
    environment: Environment = None,
    compatibility: Compatibility = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Run an experiment; one that was run before is run anew as its draft."""
    terminal, api = Terminal(as_json, quiet), open_client()
    options = run_options(
        timeout,
        memory,
        processes,
        disk,
        log,
        isolation,
        environment,
        compatibility,
        tuple(select),
        regenerate,
    )
    values = typed_values(api.experiments.experiment_document(name), assignments(param)) if param else {}
    version = api.experiments.run_experiment(name, ExperimentRun(values, options))
    assert version.run is not None
    if detach:
        return _tell_one(terminal, version)
    return watch_run(api, terminal, version.run)


@app.command("save-as")
def save_as(
    name: Reference,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="The name of the new experiment.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Make a new experiment with the same graph and an empty history."""
    made = open_client().experiments.save_experiment_as(name, new_name)
    return _tell_one(Terminal(as_json, quiet), made)


@app.command()
def promote(
    name: Reference,
    node: Node,
    port: Annotated[str, typer.Argument(metavar="[PORT]", help="Default: its first output.")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help="What to call it.")] = "",
    description: Annotated[str, typer.Option(help="What it is.")] = "",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Save an output of a finished node as a dataset, trained model or transform."""
    terminal = Terminal(as_json, quiet)
    saved = open_client().experiments.promote_output(name, node, port, as_, description)
    if as_json:
        terminal.answer(to_json(saved))
    else:
        terminal.say(f"{saved.artifact.type} '{saved.name}' version {saved.version}")
    return exit_codes.OK


@app.command()
def columns(
    name: Reference,
    node: Node,
    port: Annotated[str, typer.Argument(metavar="[PORT]", help="Default: its first input of a table.")] = "",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Show the columns that will enter a node, before it is run."""
    terminal = Terminal(as_json, quiet)
    found = open_client().experiments.predict_columns(name, node, port)
    if as_json:
        terminal.answer(to_json(found))
        return exit_codes.OK
    listed = found.schema.get("columnAttributes")
    attributes = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    terminal.table(("column", "type"), [(one.get("name"), one.get("type")) for one in attributes])
    sure = {0: "they are sure", 1: "there may be fewer"}.get(
        int(str(found.schema.get("isInaccurate", 2))), "they are a guess"
    )
    terminal.say("Seen in a result." if found.observed else f"Predicted; {sure}.")
    return exit_codes.OK


@app.command("set-up-web-service")
def set_up_web_service(
    name: Reference,
    train: Annotated[
        str,
        typer.Option(metavar="NODE", help="The module whose model is served; needed where several train."),
    ] = "",
    retraining: Annotated[
        bool, typer.Option("--retraining", help="A service that trains, in place of one that scores.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Make the predictive experiment of a training experiment, or bring it up to date."""
    made = open_client().experiments.set_up_web_service(name, ServiceSetup(train, retraining))
    return _tell_one(Terminal(as_json, quiet), made)


@app.command()
def delete(
    name: Reference,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Delete an experiment with its history; runs and their results stay."""
    terminal, api = Terminal(as_json, quiet), open_client().experiments
    api.experiment(name)
    if not yes and not as_json and not typer.confirm(f"Delete '{name}' and its history?", err=True):
        return exit_codes.CANCELED
    deleted = api.delete_experiment(name)
    if as_json:
        terminal.answer({"name": name, "deleted": deleted})
    else:
        terminal.say(f"Deleted {deleted} versions.")
    return exit_codes.OK


def _document(api: HttpWorkspace, graph: Path) -> Json:
    return with_files(read_graph_text(str(graph)), str(graph.parent), partial(api.upload))


def _facts(experiment: Experiment) -> dict[str, Json]:
    body = to_json(replace(experiment, foreign=None))
    assert isinstance(body, dict)
    facts = {key: part for key, part in body.items() if key not in ("graph", "view")}
    return {"name": experiment.name, "summary": experiment.view.summary, **facts}


def _tell_one(terminal: Terminal, experiment: Experiment) -> int:
    if terminal.as_json:
        terminal.answer(_facts(experiment))
    else:
        state = f"run {experiment.run}" if experiment.run else "draft"
        terminal.say(f"Experiment '{experiment.name}' ({experiment.id}): {state}")
    return exit_codes.OK


def _tell_versions(terminal: Terminal, versions: list[ExperimentSummary]) -> int:
    if terminal.as_json:
        terminal.answer({"experiments": [to_json(one) for one in versions]})
    elif versions:
        terminal.table(
            COLUMNS,
            [(one.name, one.state, one.changed_at[:19], one.role, one.id, one.run) for one in versions],
        )
    else:
        terminal.say("There are no experiments yet; 'skyloom experiment create GRAPH' makes one.")
    return exit_codes.OK
