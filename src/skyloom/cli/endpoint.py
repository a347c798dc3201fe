"""``skyloom endpoint``: graphs published as web services, their keys, and calls."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.terminal import Terminal
from skyloom.client.http import open_client
from skyloom.client.web import HttpWeb, open_web
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import Json, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.score_script import SCHEMAS, score_document
from skyloom.core.serialize import to_json
from skyloom.core.task import Limits

DEFAULT = "default"
_COLUMNS = ("name", "id", "throttle_level", "max_concurrent_calls", "created_at")
Name = Annotated[
    str,
    typer.Argument(metavar="SERVICE[/ENDPOINT]", help="Name or id; without ENDPOINT the default one."),
]

app = typer.Typer(help="Web services: publish, look at, call.", no_args_is_help=True)


@app.command()
def publish(
    graph: Annotated[
        Path | None,
        typer.Argument(metavar="[GRAPH]", help="A graph file with inputs and outputs, or a score.py."),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="Publish the graph of this run instead.")
    ] = None,
    experiment: Annotated[
        str | None,
        typer.Option("--experiment", metavar="EXPERIMENT", help="Publish what this experiment ran last."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="The model's files, for a score.py."),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Default: the graph's or experiment's name.")
    ] = "",
    description: Annotated[str, typer.Option("--description", help="What it does.")] = "",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Publish a graph; a service of the same name serves it from now on, address and keys stay."""
    # only publishing reads graph files, and YAML is slow to load
    from skyloom.cli.run import document_with_files
    from skyloom.client.graph_text import read_graph_text

    terminal, web = Terminal(as_json, quiet), open_web()
    if [graph, run, experiment].count(None) != 2:
        raise ProblemError(
            Problem("A020", "Name a graph file, a run or an experiment.", "publish", "One of them.")
        )
    wish: dict[str, Json] = {"description": description}
    if experiment is not None:
        run = _last_run(experiment)
        name = name or experiment
    if run is not None:
        wish["run"] = run
        name = name or open_client().run(RunId(run)).experiment
    elif graph is not None and graph.suffix == ".py":
        name = name or graph.resolve().parent.name
        wish["document"] = _score_script(graph, model, name)
        wish["schemas"] = to_json(SCHEMAS)
    else:
        text = read_graph_text(str(graph))
        document = document_with_files(open_client(), text, Path(str(graph)), Limits())
        wish["document"] = document
        if not name and isinstance(document, dict):
            name = str(document.get("name", "")) or Path(str(graph)).stem
    known = [service for service in web.services() if service["name"] == name]
    if name and known:
        wish["service"] = known[-1]["id"]
    made = web.publish({**wish, "name": name})
    if as_json:
        terminal.answer(made)
    else:
        terminal.line(f"{made['name']}  {made['id']}")
        terminal.say("'skyloom endpoint show' tells its address, 'skyloom endpoint keys' its keys.")
    return exit_codes.OK


def _last_run(experiment: str) -> str:
    """The run of the newest version that has one."""
    runs = [version.run for version in open_client().experiments.prior_runs(experiment) if version.run]
    if not runs:
        what = f"'{experiment}' has not been run."
        fix = "Run it first: 'skyloom experiment run'. A service takes models and data from that run."
        raise ProblemError(Problem("G214", what, experiment, fix))
    return runs[0]


@app.command("list")
def list_(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Every web service with its endpoints."""
    terminal, found = Terminal(as_json, quiet), open_web().services()
    if as_json:
        known: list[Json] = list(found)
        terminal.answer({"services": known})
        return exit_codes.OK
    rows = [
        (service["name"], *(endpoint[column] for column in _COLUMNS))
        for service in found
        for endpoint in _endpoints(service)
    ]
    terminal.table(("service", *_COLUMNS), rows)
    return exit_codes.OK


@app.command()
def show(name: Name, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """What an endpoint takes and gives, and where it is called."""
    terminal, web = Terminal(as_json, quiet), open_web()
    _, endpoint = _found(web, name)
    address = web.port().get("address") or ""
    told = {**endpoint, "api_location": f"{address}{endpoint['path']}" if address else None}
    if as_json:
        terminal.answer(told)
        return exit_codes.OK
    ports = {f"{kind} {port}": _columns(columns) for kind, port, columns in _ports(endpoint)}
    plain = {key: value for key, value in told.items() if not isinstance(value, (dict, list))}
    terminal.facts({**plain, **ports})
    if not address:
        terminal.say("No port is open: 'skyloom up' opens one.")
    return exit_codes.OK


@app.command()
def delete(name: Name, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Remove an endpoint, or without ENDPOINT the whole service."""
    terminal, web = Terminal(as_json, quiet), open_web()
    service, endpoint = _found(web, name)
    if "/" in name:
        web.delete_endpoint(str(service["id"]), str(endpoint["name"]))
    else:
        web.delete_service(str(service["id"]))
    if as_json:
        terminal.answer({"deleted": name})
    else:
        terminal.say(f"'{name}' is gone.")
    return exit_codes.OK


@app.command()
def keys(
    name: Name,
    new: Annotated[
        str | None, typer.Option("--new", metavar="WHICH", help="Make a new primary or secondary key first.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Both keys of an endpoint."""
    terminal, web = Terminal(as_json, quiet), open_web()
    service, endpoint = _found(web, name)
    place = str(service["id"]), str(endpoint["name"])
    found = web.keys(*place) if new is None else web.new_key(*place, new.capitalize())
    if as_json:
        terminal.answer(found)
    else:
        terminal.facts(found)
    return exit_codes.OK


@app.command()
def call(
    name: Name,
    request: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A .csv table for the first input, or a JSON request; - is stdin."
        ),
    ],
    rows: Annotated[bool, typer.Option("--rows", help="Answer in rows (format=swagger).")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Call an endpoint and print its answer as JSON."""
    terminal, web = Terminal(as_json, quiet), open_web()
    service, endpoint = _found(web, name)
    content = _request(request, endpoint)
    answer = json.loads(web.call(str(service["id"]), str(endpoint["name"]), content, rows))
    terminal.answer(answer)
    return exit_codes.OK


def _score_script(file: Path, model: Path | None, name: str) -> Json:
    """The graph of a score script, its model's files uploaded."""
    if not file.is_file() or (model is not None and not model.is_dir()):
        missing = str(model if file.is_file() else file)
        raise ProblemError(Problem("A021", f"There is no '{missing}'.", missing, "Check the path."))
    digest = None
    if model is not None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in sorted(model.rglob("*")):
                if one.is_file():
                    archive.write(one, one.relative_to(model).as_posix())
        packed.seek(0)
        digest = open_client().upload(packed, "model.zip", "Zip").digest
    beside = file.with_name("swagger.json")
    swagger = beside.read_text(encoding="utf-8") if beside.is_file() else ""
    return score_document(name, file.read_text(encoding="utf-8"), digest, swagger)


def _found(web: HttpWeb, name: str) -> tuple[dict[str, Json], dict[str, Json]]:
    """Service and endpoint by name or id; the newest service where several have the name."""
    wanted, slash, endpoint_name = name.rpartition("/")
    if not slash:
        wanted, endpoint_name = name, DEFAULT
    services = web.services()
    fitting = [one for one in services if wanted in (one["id"], one["name"])]
    if not fitting:
        hint = close_name(wanted, [str(one["name"]) for one in services])
        raise ProblemError(
            Problem(
                "W111", f"There is no web service '{wanted}'.", wanted, hint or "See 'skyloom endpoint list'."
            )
        )
    for endpoint in _endpoints(fitting[-1]):
        if endpoint_name in (endpoint["name"], endpoint["id"]):
            return fitting[-1], endpoint
    names = ", ".join(str(endpoint["name"]) for endpoint in _endpoints(fitting[-1]))
    raise ProblemError(
        Problem("W110", f"There is no endpoint '{endpoint_name}'.", name, f"The service has: {names}.")
    )


def _endpoints(service: dict[str, Json]) -> list[dict[str, Json]]:
    found = service.get("endpoints")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _ports(endpoint: dict[str, Json]) -> list[tuple[str, str, Json]]:
    found: list[tuple[str, str, Json]] = []
    for kind in ("inputs", "outputs"):
        ports = endpoint.get(kind)
        if isinstance(ports, dict):
            found += [(kind[:-1], port, columns) for port, columns in ports.items()]
    return found


def _columns(columns: Json) -> str:
    if not isinstance(columns, list):
        return "any columns"
    return ", ".join(f"{column['name']} {column['type']}" for column in columns if isinstance(column, dict))


def _request(file: str, endpoint: dict[str, Json]) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    path = Path(file)
    if not path.is_file():
        raise ProblemError(Problem("A021", f"There is no file '{file}'.", file, "Check the path."))
    if path.suffix.lower() != ".csv":
        return path.read_bytes()
    inputs = endpoint.get("inputs")
    first = next(iter(inputs), "input1") if isinstance(inputs, dict) else "input1"
    with path.open(encoding="utf-8-sig", newline="") as text:
        head, *rows = csv.reader(text)
    table = {"ColumnNames": head, "Values": rows}
    return json.dumps({"Inputs": {first: table}, "GlobalParameters": {}}).encode()
