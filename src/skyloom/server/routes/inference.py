"""The open inference protocol V2 over the same services: a model is an endpoint (services.md 6).

A model's name is the service's name or id; ``versions`` name its endpoints. Columns are tensors of one
dimension (or of two with one column), text is BYTES; of several inputs they are called ``input.column``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyloom import __version__
from skyloom.core.access import READ
from skyloom.core.endpoint import DEFAULT, Endpoint
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import RequestTable, ResponseTable, ServiceCall, ServiceColumn
from skyloom.server.bodies import read_object
from skyloom.server.desk import desk_of
from skyloom.server.gate import forbidden, grant_of_request
from skyloom.server.replies import JsonReply
from skyloom.server.routes.webservices import allow

_DATATYPES = {"Integer": "INT64", "Double": "FP64", "Boolean": "BOOL"}
_OF_WIRE = {"Int64": "INT64", "Int32": "INT32", "Double": "FP64", "Boolean": "BOOL"}
KNOWN = {
    *("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"),
    *("FP16", "FP32", "FP64", "BYTES"),
}


def server(request: Request) -> Response:
    """What this server is."""
    allow(request, READ)
    return JsonReply({"name": "skyloom", "version": __version__, "extensions": []})


def live(request: Request) -> Response:
    """Whether the server lives."""
    return JsonReply({"live": True})


def ready(request: Request) -> Response:
    """Whether it takes calls."""
    is_ready = not desk_of(request).activity.stopping.is_set()
    return JsonReply({"ready": is_ready}, 200 if is_ready else 503)


def model(request: Request) -> Response:
    """Inputs and outputs of a model."""
    endpoint = _allowed(request)
    services = desk_of(request).workspace.web_services
    names = [one.name for one in services.endpoints(endpoint.service)]
    return JsonReply(
        {
            "name": services.service(endpoint.service).name,
            "versions": list(names),
            "platform": "skyloom",
            "inputs": _tensors(endpoint.inputs),
            "outputs": _tensors(endpoint.outputs),
        }
    )


def model_ready(request: Request) -> Response:
    """Whether a model can be called."""
    endpoint = _allowed(request)
    return JsonReply({"name": endpoint.service, "ready": True})


async def infer(request: Request) -> Response:
    """Call a model with tensors."""
    endpoint = await to_thread.run_sync(_allowed, request)
    body = await read_object(request)
    services = desk_of(request).workspace.web_services
    opened = await to_thread.run_sync(services.opened, endpoint.id)
    parameters = body.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise _unfit("'parameters' is an object", "parameters")
    result = await opened.service.call(ServiceCall(_tables(endpoint, body.get("inputs")), parameters))
    service = await to_thread.run_sync(services.service, endpoint.service)
    wanted = _wanted(body.get("outputs"))
    outputs = [
        tensor
        for port, table in result.outputs.items()
        for tensor in _written(port if len(result.outputs) > 1 else "", table)
        if wanted is None or tensor["name"] in wanted
    ]
    told: dict[str, Json] = {"model_name": service.name, "model_version": endpoint.name}
    if isinstance(body.get("id"), str):
        told["id"] = body["id"]
    return JsonReply({**told, "outputs": outputs})


def _allowed(request: Request) -> Endpoint:
    """The endpoint, if the one who asks may call it."""
    services, name = desk_of(request).workspace.web_services, request.path_params["model"]
    fitting = [one for one in services.services() if name in (one.id, one.name)]
    grant = grant_of_request(request)
    if not fitting:
        raise ProblemError(Problem("W111", f"There is no model '{name:.100}'.", name, ""))
    endpoint = services.endpoint(fitting[-1].id, request.path_params.get("version", DEFAULT))
    if grant is not None and not grant.may_call(endpoint.id):
        raise forbidden(f"endpoint:{endpoint.id}")
    return endpoint


def _tables(endpoint: Endpoint, tensors: Json) -> dict[str, RequestTable]:
    if not isinstance(tensors, list) or not tensors:
        raise _unfit("'inputs' is a list of tensors", "inputs")
    columns: dict[str, dict[str, list[Json]]] = {name: {} for name in endpoint.inputs}
    only = next(iter(columns)) if len(columns) == 1 else None
    for place, tensor in enumerate(tensors):
        where = f"inputs[{place}]"
        name = tensor.get("name") if isinstance(tensor, dict) else None
        if not isinstance(tensor, dict) or not isinstance(name, str):
            raise _unfit("a tensor is an object with a name", where)
        port, column = (only, name) if only is not None else _split(name, columns)
        if port is None or port not in columns:
            raise ProblemError(Problem("W223", f"There is no input for '{name:.100}'.", where, ""))
        columns[port][column] = _data(tensor, where)
    return {port: _rows(port, found) for port, found in columns.items()}


def _split(name: str, ports: Mapping[str, object]) -> tuple[str | None, str]:
    return next(
        ((port, name[len(port) + 1 :]) for port in ports if name.startswith(f"{port}.")), (None, name)
    )


def _data(tensor: Mapping[str, Json], where: str) -> list[Json]:
    """The cells of a tensor; its shape and datatype must fit them."""
    datatype = tensor.get("datatype")
    if not isinstance(datatype, str) or datatype not in KNOWN:
        raise _unfit(f"the datatype is one of {', '.join(sorted(KNOWN))}", where)
    data = tensor.get("data")
    if not isinstance(data, list):
        raise _unfit("'data' is a list", where)
    cells: list[Json] = []
    for item in data:
        cells += item if isinstance(item, list) else [item]
    shape = tensor.get("shape")
    sizes = shape if isinstance(shape, list) else []
    if not 1 <= len(sizes) <= 2 or sizes[0] != len(cells) or sizes[1:] not in ([], [1]):
        raise _unfit(f"the shape is [{len(cells)}] or [{len(cells)}, 1]", where)
    if any(isinstance(cell, (list, dict)) for cell in cells):
        raise _unfit("cells are plain values", where)
    return cells


def _rows(port: str, columns: Mapping[str, list[Json]]) -> RequestTable:
    lengths = {len(cells) for cells in columns.values()}
    if len(lengths) > 1:
        raise ProblemError(Problem("W225", "The tensors differ in length.", port, ""))
    return RequestTable(tuple(columns), [list(row) for row in zip(*columns.values())])


def _written(port: str, table: ResponseTable) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = []
    for place, (name, kind) in enumerate(zip(table.names, table.types)):
        datatype = _OF_WIRE.get(kind, "BYTES")
        cells = [_cell(row[place], datatype) for row in table.rows]
        full = f"{port}.{name}" if port else name
        found.append({"name": full, "shape": [len(cells)], "datatype": datatype, "data": cells})
    return found


def _cell(text: str | None, datatype: str) -> Json:
    if text is None:
        return None
    if datatype in ("INT64", "INT32"):
        return int(text)
    if datatype == "FP64":
        return float(text)
    return text.lower() == "true" if datatype == "BOOL" else text


def _tensors(ports: Mapping[str, tuple[ServiceColumn, ...] | None]) -> list[Json]:
    return [
        {
            "name": column.name if len(ports) == 1 else f"{port}.{column.name}",
            "datatype": _DATATYPES.get(column.type, "BYTES"),
            "shape": [-1],
        }
        for port, columns in ports.items()
        for column in columns or ()
    ]


def _wanted(outputs: Json) -> Sequence[str] | None:
    if outputs is None:
        return None
    if not isinstance(outputs, list):
        raise _unfit("'outputs' is a list", "outputs")
    return [str(one["name"]) for one in outputs if isinstance(one, dict) and "name" in one]


def _unfit(why: str, where: str) -> ProblemError:
    return ProblemError(Problem("A007", f"The request does not read: {why}.", where, "See the V2 protocol."))


ROUTES = (
    Route("/v2", server, methods=["GET"]),
    Route("/v2/health/live", live, methods=["GET"]),
    Route("/v2/health/ready", ready, methods=["GET"]),
    Route("/v2/models/{model}", model, methods=["GET"]),
    Route("/v2/models/{model}/ready", model_ready, methods=["GET"]),
    Route("/v2/models/{model}/infer", infer, methods=["POST"]),
    Route("/v2/models/{model}/versions/{version}", model, methods=["GET"]),
    Route("/v2/models/{model}/versions/{version}/ready", model_ready, methods=["GET"]),
    Route("/v2/models/{model}/versions/{version}/infer", infer, methods=["POST"]),
)
