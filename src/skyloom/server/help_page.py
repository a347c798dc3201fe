"""The help page of an endpoint: what it takes, a form to try it, and code that calls it (services.md 1.6).

Everything that comes from a user is escaped; the page has no script or style of its own, as its content
policy wants. The form's script reads the same swagger document as everybody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape

from skyloom.core.endpoint import Endpoint, WebService, resources_of
from skyloom.core.service import ServiceColumn
from skyloom.server.classic_errors import CLASSIC
from skyloom.server.classic_swagger import sample_request, sample_response
from skyloom.server.endpoint_shapes import api_location, help_location
from skyloom.server.sample_code import LANGUAGES

SECTIONS = {"": "Overview", "score": "Request-response", "jobs": "Batch", "update": "Update a model"}


def help_page(endpoint: Endpoint, service: WebService, workspace: str, base: str, section: str) -> str:
    """HTML of the page or of one of its parts."""
    address = api_location(endpoint, workspace, base)
    root = help_location(endpoint, workspace, base).removeprefix(base)
    title = f"{service.name} ({endpoint.name}): {SECTIONS[section]}"
    parts = {
        "": lambda: _overview(endpoint, service, address),
        "score": lambda: _score(endpoint, address),
        "jobs": lambda: _jobs(endpoint, address),
        "update": lambda: _update(endpoint, base, workspace),
    }[section]()
    links = " | ".join(
        f'<a href="{escape(f"{root}/{name}".rstrip("/"))}">{escape(words)}</a>'
        for name, words in SECTIONS.items()
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f"<title>{escape(title)}</title>",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="stylesheet" href="/assets/page.css">',
            '<script src="/assets/try.js" defer></script></head><body><main>',
            f"<h1>{escape(title)}</h1>",
            f'<p>{links} | <a href="{escape(f"{address}/swagger.json")}">swagger.json</a></p>',
            *parts,
            "</main></body></html>",
            "",
        ]
    )


def _overview(endpoint: Endpoint, service: WebService, address: str) -> Iterator[str]:
    yield f"<p>{escape(service.description or 'A web service.')}</p>"
    yield _table(
        ("", ""),
        [
            ("Address", address),
            ("Request-response", f"POST {address}/execute?api-version=2.0&details=true"),
            ("Batch", f"POST {address}/jobs?api-version=2.0"),
            ("Calls at once", str(endpoint.max_concurrent_calls)),
            ("Published", endpoint.created_at),
        ],
    )
    yield from _ports(endpoint)
    yield from _try_form(endpoint, address)


def _score(endpoint: Endpoint, address: str) -> Iterator[str]:
    yield "<h2>Request</h2>"
    yield _table(
        ("method", "address", "HTTP"),
        [("POST", f"{address}/execute?api-version=2.0&format=swagger", "1.1")],
    )
    yield "<p>Without <code>format=swagger</code> tables are columns and values instead of rows.</p>"
    yield _table(
        ("header", "value"),
        [
            ("Authorization", "Bearer and the key"),
            ("Content-Type", "application/json"),
            ("x-ms-client-request-id", "comes back in the answer (optional)"),
        ],
    )
    yield "<h3>Sample request</h3>" + _code(json.dumps(sample_request(endpoint), indent=2))
    yield "<h2>Answer</h2>"
    yield _table(("status", "what"), [("200", "the tables"), ("other", "see the codes below")])
    yield "<h3>Sample answer</h3>" + _code(json.dumps(sample_response(endpoint), indent=2))
    yield from _ports(endpoint)
    yield from _try_form(endpoint, address)
    yield "<h2>Error codes</h2>"
    yield _table(
        ("status", "code", "detail"),
        sorted({(str(form.status), form.code, form.detail) for form in CLASSIC.values() if form.detail}),
    )
    yield "<h2>Sample code</h2>"
    for name, write in LANGUAGES.items():
        yield f"<h3>{escape(name)}</h3>" + _code(write(endpoint, address))


def _jobs(endpoint: Endpoint, address: str) -> Iterator[str]:
    yield _table(
        ("call", "answer"),
        [
            (f"POST {address}/jobs?api-version=2.0", "the id of the job, as JSON text"),
            (f"POST {address}/jobs/ID/start?api-version=2.0", "204"),
            (f"GET {address}/jobs/ID?api-version=2.0", "StatusCode, Results, Details"),
            (f"DELETE {address}/jobs/ID?api-version=2.0", "204; ends the job"),
        ],
    )
    reference = {"ConnectionString": "...", "RelativeLocation": "container/table.csv"}
    body = {
        "Inputs": dict.fromkeys(endpoint.inputs, reference),
        "Outputs": dict.fromkeys(endpoint.outputs, reference),
        "GlobalParameters": sample_request(endpoint)["GlobalParameters"],
    }
    yield "<h3>Sample request</h3>" + _code(json.dumps(body, indent=2))
    yield "<p>StatusCode is NotStarted, Running, Failed, Cancelled or Finished.</p>"


def _update(endpoint: Endpoint, base: str, workspace: str) -> Iterator[str]:
    resources = resources_of(endpoint.graph)
    if endpoint.is_default:
        yield "<p>The default endpoint follows its experiment. Add an endpoint to update its model.</p>"
    if not resources:
        yield "<p>The service holds no trained model or transform.</p>"
        return
    yield "<p>These can be replaced:</p>"
    yield _table(("name", "kind"), [(resource.name, resource.kind) for resource in resources])
    path = f"workspaces/{workspace}/webservices/{endpoint.service}/endpoints/{endpoint.name}"
    location = {"BaseLocation": "...", "RelativeLocation": "container/model.ilearner", "SasBlobToken": "..."}
    body = {"Resources": [{"Name": resources[0].name, "Location": location}]}
    yield _code(f"PATCH {base}/{path}\n\n{json.dumps(body, indent=2)}")


def _try_form(endpoint: Endpoint, address: str) -> Iterator[str]:
    """Without script the form does nothing; a key that is typed here is sent to this server alone."""
    yield "<h2>Try it</h2>"
    path = escape("/" + address.split("/", 3)[3])
    yield f'<form id="try" data-address="{path}" autocomplete="off">'
    yield '<label for="key">Key</label><input id="key" type="password" spellcheck="false" required>'
    for name, columns in endpoint.inputs.items():
        yield f"<fieldset><legend>{escape(name)}</legend>"
        for column in columns or ():
            field = escape(f"{name}.{column.name}")
            label = escape(f"{column.name} ({column.type})")
            yield (
                f'<label for="{field}">{label}</label>'
                f'<input id="{field}" data-input="{escape(name)}" data-column="{escape(column.name)}">'
            )
        yield f'<label>or a CSV file <input type="file" data-csv="{escape(name)}" accept=".csv"></label>'
        yield "</fieldset>"
    for parameter in endpoint.parameters:
        default = "" if parameter.default is None else str(parameter.default)
        name = escape(parameter.name)
        yield (
            f'<label for="p-{name}">{name}</label>'
            f'<input id="p-{name}" data-parameter="{name}" value="{escape(default)}">'
        )
    yield '<button type="submit">Call</button></form><p id="said" role="status"></p><div id="answer"></div>'


def _ports(endpoint: Endpoint) -> Iterator[str]:
    for title, ports in (("Inputs", endpoint.inputs), ("Outputs", endpoint.outputs)):
        yield f"<h2>{title}</h2>"
        yield from _columns(ports)
    if endpoint.parameters:
        yield "<h2>Global parameters</h2>"
        yield _table(
            ("name", "type", "default"),
            [
                (one.name, one.type, "required" if one.default is None else str(one.default))
                for one in endpoint.parameters
            ],
        )


def _columns(ports: Mapping[str, tuple[ServiceColumn, ...] | None]) -> Iterator[str]:
    for name, columns in ports.items():
        yield f"<h3>{escape(name)}</h3>"
        if columns is None:
            yield "<p>Any columns.</p>"
        else:
            yield _table(
                ("column", "type", "values"),
                [(column.name, column.type, ", ".join(column.values)) for column in columns],
            )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    titles = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"
