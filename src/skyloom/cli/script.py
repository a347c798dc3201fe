"""``skyloom script``: run one script of Execute Python Script or Execute R Script, without a graph."""

from __future__ import annotations

import os
import shutil
import signal
import tokenize
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes, interrupts
from skyloom.cli.follow import ConsoleWatcher, End, Watcher, follow
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
from skyloom.cli.run_options import DISK_BYTES, LOG_BYTES, PROCESSES, run_options
from skyloom.cli.terminal import Terminal, state_paint
from skyloom.client.http import HttpWorkspace, open_client
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError, problem_from_json
from skyloom.core.task import Limits
from skyloom.core.workspace_api import Submission

MODULES = {".r": ("Execute R Script", "R Script")}  # by the file's ending; any other is Python
PYTHON = ("Execute Python Script", "Python Script")
RESULT = "Result Dataset"
NODE = "script"
FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".arff": "arff",
    ".svmlight": "svmlight",
    ".parquet": "parquet",
}

app = typer.Typer(help="Run a script without a graph.", no_args_is_help=True)


@app.callback()
def script() -> None:
    """Run a script without a graph."""


@app.command()
def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A script: FILE.py, or FILE.R for R.")],
    dataset1: Annotated[Path | None, typer.Option(metavar="F", help="File for port Dataset1.")] = None,
    dataset2: Annotated[Path | None, typer.Option(metavar="F", help="File for port Dataset2.")] = None,
    bundle: Annotated[Path | None, typer.Option(metavar="F.zip", help="File for port Script Bundle.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="F", help="Write Result Dataset: .csv .tsv .arff .svmlight .parquet."),
    ] = None,
    images: Annotated[Path | None, typer.Option(metavar="DIR", help="Copy the images there.")] = None,
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
    """Run a script in the sandbox and show its console as it comes.

    Ctrl-C cancels the run and waits until nothing of it is left.
    """
    interrupts.listen(signal.SIGTERM)  # whoever ends the command means the script
    terminal = Terminal(as_json, quiet)
    if output is not None:
        format_of(output)
    options = run_options(
        timeout, memory, processes, disk, log, isolation, environment, compatibility, regenerate=True
    )
    text = read_script(file)
    inputs = {"Dataset1": dataset1, "Dataset2": dataset2, "Script Bundle": bundle}
    for path in inputs.values():
        if path is not None and not path.is_file():
            raise _no_file(path)
    api = open_client()
    try:
        document = _document(api, file, text, inputs, options.limits)
        submission = Submission(document, options=options, idempotency_key=os.urandom(16).hex())
        run_id, interrupted = submit_whole(api, submission)
    except ProblemError as error:
        if not is_rejection(error.problem):
            raise
        return _rejected(terminal, error)
    end = _watched(api, terminal, run_id, interrupted)
    return _told(api, terminal, run_id, end, output, images)


def submit_whole(api: HttpWorkspace, submission: Submission) -> tuple[RunId, bool]:
    """Submit, and know the run even if Ctrl-C comes between: its key gives the same run again."""
    try:
        return api.submit(submission), False
    except KeyboardInterrupt:
        interrupts.take()
        run = api.submit(submission)
        api.cancel(run)
        return run, True


def is_rejection(problem: Problem) -> bool:
    """Whether what was given was refused, and not the asking."""
    return problem.code[:1] in "GDSC" and problem.code not in ("D060",)


def read_script(file: Path) -> str:
    """The script's text, in the encoding that it declares.

    Raises
    ------
    ProblemError
        A021 no such file, A023 not text.
    """
    if not file.is_file():
        raise _no_file(file)
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        with tokenize.open(file) as text:
            return text.read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ProblemError(
            Problem(
                "A023",
                "The script is not text in UTF-8 or in an encoding that its first lines declare.",
                str(file),
                "Save it as UTF-8, or declare its encoding, for example '# coding: latin-1'.",
            )
        ) from error


def format_of(output: Path) -> str:
    """The format that a file name stands for; a usage error if it stands for none."""
    found = FORMATS.get(output.suffix.lower())
    if found is None:
        raise typer.BadParameter(
            f"'{output.name}' names no format; end it with one of {', '.join(FORMATS)}", param_hint="--output"
        )
    return found


def _document(
    api: HttpWorkspace, file: Path, text: str, inputs: dict[str, Path | None], limits: Limits
) -> Json:
    """A graph of the script and what is linked to it."""
    module, parameter = MODULES.get(file.suffix.lower(), PYTHON)
    nodes: dict[str, Json] = {}
    links: dict[str, Json] = {}
    for port, path in inputs.items():
        if path is not None:
            kept = _uploaded(api, path, "Zip" if port == "Script Bundle" else None, limits)
            node = port.lower().replace(" ", "_")
            nodes[node] = {
                "reference": {"datastore": ARTIFACT_STORE, "path": kept.digest},
                "type": kept.type,
                "title": path.name,
            }
            links[port] = node
    nodes[NODE] = {"module": module, "parameters": {parameter: text}, "inputs": links}
    return {"schema_version": 1, "name": file.stem, "nodes": nodes}


def _uploaded(api: HttpWorkspace, path: Path, kind: str | None, limits: Limits) -> Artifact:
    with path.open("rb") as content:
        return api.upload(content, path.name, kind, limits)


def _watched(api: HttpWorkspace, terminal: Terminal, run: RunId, interrupted: bool) -> End:
    watcher = Watcher() if terminal.as_json else ConsoleWatcher(api, run, NODE)
    end = follow(api, run, watcher, lambda: terminal.say("Canceling; Ctrl-C again to leave at once."))
    return End(end.state, end.interrupted or interrupted)


def _told(
    api: HttpWorkspace, terminal: Terminal, run: RunId, end: End, output: Path | None, images: Path | None
) -> int:
    nodes = api.report(run, export=terminal.as_json)["nodes"]
    assert isinstance(nodes, dict)
    node = nodes[NODE]
    assert isinstance(node, dict)
    if images is not None:
        copy_images(node, images)
    if output is not None and end.state == "completed":
        _write_result(api, run, output)
    if terminal.as_json:
        terminal.answer(node)
    else:
        _say_end(terminal, run, node)
    return exit_codes.of_report(end.state, [node.get("reason")], end.interrupted)


def copy_images(node: dict[str, Json], folder: Path) -> None:
    """Copy the images of a node's report into a folder.

    Raises
    ------
    ProblemError
        A022.
    """
    found = node.get("images")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in found if isinstance(found, list) else []:
            shutil.copyfile(str(path), folder / os.path.basename(str(path)))
    except OSError as error:
        raise cannot_write(folder, error) from error


def cannot_write(path: Path, error: OSError) -> ProblemError:
    return ProblemError(
        Problem("A022", f"'{path}' cannot be written: {error.strerror}.", str(path), "Choose another place.")
    )


def _write_result(api: HttpWorkspace, run: RunId, output: Path) -> None:
    found = api.run(run).node(NODE)
    result = found.outputs.get(RESULT) if found else None
    if result is None:
        raise ProblemError(
            Problem("A025", f"The script gave no {RESULT} to write.", str(output), "Return a data frame.")
        )
    source = api.download(result, format_of(output))
    try:
        shutil.copyfile(source, output)
    except OSError as error:
        raise cannot_write(output, error) from error


def _say_end(terminal: Terminal, run: RunId, node: dict[str, Json]) -> None:
    if isinstance(node.get("problem"), dict):
        problem = problem_from_json(node["problem"])
        terminal.problems([replace(problem, traceback="")])  # the console has shown it
    notices = node.get("notices")
    for notice in notices if isinstance(notices, list) else []:
        terminal.say(f"note: {notice}")
    reason = f" ({node['reason']})" if node.get("reason") else ""
    timings = node.get("timings_ms")
    total = timings.get("total") if isinstance(timings, dict) else None
    took = f" in {total / 1000:.2f} s" if isinstance(total, (int, float)) else ""
    terminal.say(
        state_paint(str(node.get("state"))), f"{reason}{took}, isolation {node.get('isolation')}, run {run}"
    )


def _rejected(terminal: Terminal, error: ProblemError) -> int:
    if terminal.as_json:
        terminal.answer(rejected_node(error.problem))
    else:
        terminal.problems(error.problems)
    return exit_codes.FAILED


def rejected_node(problem: Problem) -> dict[str, Json]:
    """The report of a node that was refused before there was a run."""
    return {
        "run": None,
        "state": "failed",
        "reason": "rejected",
        "isolation": None,
        "problem": {**problem.as_json()},
        "outputs": {},
        "images": [],
        "files": [],
        "stdout": None,
        "stderr": None,
        "metrics": {},
        "notices": [],
        "timings_ms": {},
        "reused_from": None,
        "attempt": 0,
    }


def _no_file(path: Path) -> ProblemError:
    return ProblemError(Problem("A021", f"There is no file '{path}'.", str(path), "Check the path."))
