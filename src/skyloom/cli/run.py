"""``skyloom run`` and ``skyloom validate``: carry out a graph file, or say why it cannot run."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.assignments import assignments
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
from skyloom.cli.run_options import DISK_BYTES, LOG_BYTES, PROCESSES, run_options
from skyloom.cli.script import is_rejection, submit_whole
from skyloom.cli.terminal import Paint, Terminal
from skyloom.client.graph_files import with_files
from skyloom.client.graph_text import GraphText, read_graph_text
from skyloom.client.http import HttpWorkspace, open_client
from skyloom.client.strict_json import parse_json
from skyloom.core.identity import Json
from skyloom.core.parameter import Parameter, ParameterType, parse_text
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.task import Limits
from skyloom.core.workspace_api import Submission

GraphFile = Annotated[Path, typer.Argument(metavar="GRAPH", help="A graph file: YAML or JSON.")]
NAMED = "NODE.PARAM=VALUE"
_TYPES: dict[str, ParameterType] = {"int": "int", "float": "float", "bool": "bool"}  # the rest is text


def run(
    graph: GraphFile,
    set_: Annotated[
        list[str],
        typer.Option("--set", metavar=NAMED, help="Give a parameter of a node a value; repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    param: Annotated[
        list[str], typer.Option(metavar="NAME=VALUE", help="Give a graph parameter a value; repeatable.")
    ] = [],  # noqa: B006
    select: Annotated[
        list[str], typer.Option(metavar="NODE", help="Run this and what it needs; repeatable.")
    ] = [],  # noqa: B006
    regenerate: Annotated[bool, typer.Option("--regenerate", help="Do not reuse earlier results.")] = False,
    experiment: Annotated[str, typer.Option(metavar="NAME", help="Default: the graph's name.")] = "",
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
    """Run a graph and tell what becomes of every node."""
    terminal = Terminal(as_json, quiet)
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
    submission = Submission(None, experiment, {}, assignments(set_), options, "cli", os.urandom(16).hex())
    text = read_graph_text(str(graph))
    submission = replace(submission, values=typed_values(text.document, assignments(param)))
    api = open_client()
    try:
        document = document_with_files(api, text, graph, options.limits)
        run_id, interrupted = submit_whole(api, replace(submission, document=document))
    except ProblemError as error:
        if not is_rejection(error.problem):
            raise
        return _rejected(terminal, text, error)
    if detach and not interrupted:
        _answer_detached(terminal, run_id)
        return exit_codes.OK
    return watch_run(api, terminal, run_id, interrupted)


def validate(graph: GraphFile, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Check a graph: every problem with its line and the way out."""
    terminal = Terminal(as_json, quiet)
    text = read_graph_text(str(graph))
    try:
        document = with_files(text, str(graph.parent), None)
        problems = [text.located(problem) for problem in open_client().validate(document)]
    except ProblemError as error:
        if not is_rejection(error.problem):
            raise
        problems = list(error.problems)
    if as_json:
        terminal.answer({"valid": not problems, "problems": [problem.as_json() for problem in problems]})
    elif problems:
        terminal.problems(problems)
    else:
        terminal.say(Paint("valid", "green"))
    return exit_codes.FAILED if problems else exit_codes.OK


def typed_values(document: Json, given: dict[str, str]) -> dict[str, Json]:
    """Values of graph parameters, read as the type that the document declares.

    >>> document = {"parameters": {"best": {"type": "int"}, "rate": 0.5}}
    >>> typed_values(document, {"best": "3", "rate": "1", "x": "y"})
    {'best': 3, 'rate': 1.0, 'x': 'y'}
    """
    declared = document.get("parameters") if isinstance(document, dict) else None
    bodies = declared if isinstance(declared, dict) else {}
    return {name: _typed(name, bodies.get(name), value) for name, value in given.items()}


def _typed(name: str, body: Json, text: str) -> Json:
    word = body.get("type") if isinstance(body, dict) else type(body).__name__
    kind = _TYPES.get(str(word))
    if word == "json":
        try:
            return parse_json(text.encode())
        except ValueError:
            return text
    return parse_text(Parameter(name, kind), text) if kind else text


def document_with_files(api: HttpWorkspace, text: GraphText, graph: Path, limits: Limits) -> Json:
    """The document with the files beside the graph put in or uploaded."""
    return with_files(text, str(graph.parent), partial(api.upload, limits=limits))


def _rejected(terminal: Terminal, text: GraphText, error: ProblemError) -> int:
    problems = [_located(text, problem) for problem in error.problems]
    if terminal.as_json:
        told: list[Json] = [{**problem.as_json()} for problem in problems]
        terminal.answer(
            {
                "run": None,
                "state": "failed",
                "reason": "rejected",
                "experiment": None,
                "nodes": {},
                "problem": told[0],
                "problems": told,
            }
        )
    else:
        terminal.problems(problems)
    return exit_codes.FAILED


def _located(text: GraphText, problem: Problem) -> Problem:
    return problem if problem.where.startswith(text.name) else text.located(problem)


def _answer_detached(terminal: Terminal, run: str) -> None:
    if terminal.as_json:
        terminal.answer({"run": run, "state": "created", "experiment": None, "nodes": {}})
    else:
        terminal.line(run)
