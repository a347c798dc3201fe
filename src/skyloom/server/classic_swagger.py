"""Swagger 2.0 of an endpoint, as old clients read it (services.md 1.6 and 8).

R takes the verb from the SECOND path and finds the execute path by the text "/execute?", so the order of the
paths is part of the form. R casts columns by ``output1Item``; the Excel add-in takes its columns from the
definitions.
"""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.endpoint import Endpoint, WebService
from skyloom.core.identity import Json
from skyloom.core.parameter import Parameter
from skyloom.core.service import ServiceColumn

_TYPES: Mapping[str, tuple[str, str]] = {
    "Integer": ("integer", "int64"),
    "Double": ("number", "double"),
    "Boolean": ("boolean", ""),
    "DateTime": ("string", "date-time"),
    "TimeSpan": ("string", "duration"),
}
_PARAMETER_TYPES = {"int": "integer", "float": "number", "bool": "boolean"}
_SAMPLES: Mapping[str, Json] = {"integer": 1, "number": 1, "boolean": True}
_Columns = tuple[ServiceColumn, ...] | None


def swagger(endpoint: Endpoint, service: WebService, workspace: str, base: str) -> dict[str, Json]:
    """The document; ``base`` is the origin that the request came to."""
    scheme, _, host = base.partition("://")
    return {
        "swagger": "2.0",
        "info": {
            "version": "2.0",
            "title": service.name,
            "description": service.description or f"The web service '{service.name}'.",
            "x-endpoint-name": endpoint.name,
        },
        "host": host,
        "basePath": f"/workspaces/{workspace}/services/{endpoint.id}",
        "schemes": [scheme],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": _paths(),
        "definitions": _definitions(endpoint),
        "securityDefinitions": {"Bearer": {"type": "apiKey", "in": "header", "name": "Authorization"}},
    }


def sample_request(endpoint: Endpoint) -> dict[str, Json]:
    """A request with one row a table."""
    return {
        "Inputs": {name: [_sample_row(columns)] for name, columns in endpoint.inputs.items()},
        "GlobalParameters": {parameter.name: _default(parameter) for parameter in endpoint.parameters},
    }


def sample_response(endpoint: Endpoint) -> dict[str, Json]:
    return {"Results": {name: [_texts(_sample_row(c))] for name, c in endpoint.outputs.items()}}


def _paths() -> dict[str, Json]:
    error: Json = {"description": "A fault.", "schema": {"$ref": "#/definitions/ErrorResponse"}}
    version: Json = {
        "name": "api-version",
        "in": "query",
        "type": "string",
        "required": True,
        "default": "2.0",
    }
    job: Json = {"name": "id", "in": "path", "type": "string", "required": True}
    execution: Json = {
        "name": "ExecutionRequest",
        "in": "body",
        "required": True,
        "schema": {"$ref": "#/definitions/ExecutionRequest"},
    }
    batch: Json = {
        "name": "BatchRequest",
        "in": "body",
        "required": True,
        "schema": {"$ref": "#/definitions/BatchRequest"},
    }
    status: Json = {"description": "Its state.", "schema": {"$ref": "#/definitions/BatchStatus"}}
    text: Json = {"description": "The job's id.", "schema": {"type": "string"}}
    return {
        "/swagger.json": {
            "get": {
                "operationId": "getSwaggerDocument",
                "summary": "This document.",
                "responses": {"200": {"description": "Swagger 2.0.", "schema": {"type": "object"}}},
            }
        },
        "/execute?api-version=2.0&format=swagger": {
            "post": {
                "operationId": "execute",
                "summary": "Call the web service with rows and wait for the answer.",
                "parameters": [execution],
                "responses": {
                    "200": {
                        "description": "The answer.",
                        "schema": {"$ref": "#/definitions/ExecutionResponse"},
                    },
                    "default": error,
                },
            }
        },
        "/jobs": {
            "post": {
                "operationId": "submitJob",
                "parameters": [version, batch],
                "responses": {"200": text, "default": error},
            }
        },
        "/jobs/{id}/start": {
            "post": {
                "operationId": "startJob",
                "parameters": [job, version],
                "responses": {"204": {"description": "Begun."}, "default": error},
            }
        },
        "/jobs/{id}": {
            "get": {
                "operationId": "getJob",
                "parameters": [job, version],
                "responses": {"200": status, "default": error},
            },
            "delete": {
                "operationId": "cancelJob",
                "parameters": [job, version],
                "responses": {"204": {"description": "Ended."}, "default": error},
            },
        },
    }


def _definitions(endpoint: Endpoint) -> dict[str, Json]:
    found: dict[str, Json] = {
        "ExecutionRequest": {
            "type": "object",
            "required": ["Inputs"],
            "properties": {
                "Inputs": {"$ref": "#/definitions/ExecutionInputs"},
                "GlobalParameters": {"$ref": "#/definitions/GlobalParameters"},
            },
            "example": sample_request(endpoint),
        },
        "ExecutionInputs": _tables(endpoint.inputs),
        "GlobalParameters": {
            "type": "object",
            "properties": {one.name: _parameter(one) for one in endpoint.parameters},
        },
        "ExecutionResponse": {
            "type": "object",
            "properties": {"Results": {"$ref": "#/definitions/ExecutionResults"}},
            "example": sample_response(endpoint),
        },
        "ExecutionResults": _tables(endpoint.outputs),
        "BlobReference": _object("ConnectionString", "RelativeLocation", "BaseLocation", "SasBlobToken"),
        "BatchRequest": {
            "type": "object",
            "properties": {
                "Inputs": _references(endpoint.inputs),
                "Outputs": _references(endpoint.outputs),
                "GlobalParameters": {"$ref": "#/definitions/GlobalParameters"},
            },
        },
        "BatchStatus": {
            "type": "object",
            "properties": {
                "StatusCode": {
                    "type": "string",
                    "enum": ["NotStarted", "Running", "Failed", "Cancelled", "Finished"],
                },
                "Results": _references(endpoint.outputs),
                "Details": {"type": "string"},
            },
        },
        "ErrorResponse": {
            "type": "object",
            "properties": {
                "error": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "details": {"type": "array", "items": _object("code", "target", "message")},
                    },
                }
            },
        },
    }
    for ports in (endpoint.inputs, endpoint.outputs):
        for name, columns in ports.items():
            found[f"{name}Item"] = {
                "type": "object",
                "properties": {column.name: column_schema(column) for column in columns or ()},
                "example": _sample_row(columns),
            }
    return found


def column_schema(column: ServiceColumn) -> dict[str, Json]:
    """``type``, ``format``, and the values of a category."""
    kind, form = _TYPES.get(column.type, ("string", ""))
    schema: dict[str, Json] = {"type": kind}
    if form:
        schema["format"] = form
    if column.values:
        schema["enum"] = list(column.values)
    schema["x-ms-isnullable"] = True
    return schema


def _tables(ports: Mapping[str, _Columns]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            name: {"type": "array", "items": {"$ref": f"#/definitions/{name}Item"}} for name in ports
        },
    }


def _references(ports: Mapping[str, _Columns]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {name: {"$ref": "#/definitions/BlobReference"} for name in ports},
    }


def _object(*names: str) -> dict[str, Json]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def _parameter(parameter: Parameter) -> dict[str, Json]:
    schema: dict[str, Json] = {"type": _PARAMETER_TYPES.get(parameter.type, "string")}
    if parameter.default is not None:
        schema["default"] = parameter.default
    return schema


def _default(parameter: Parameter) -> Json:
    if parameter.default is not None:
        return parameter.default
    return _SAMPLES.get(_PARAMETER_TYPES.get(parameter.type, "string"), "")


def _sample_row(columns: _Columns) -> dict[str, Json]:
    """Numbers 1, text "value", or the first value of a category."""
    row: dict[str, Json] = {}
    for column in columns or ():
        kind, _ = _TYPES.get(column.type, ("string", ""))
        row[column.name] = column.values[0] if column.values else _SAMPLES.get(kind, "value")
    return row


def _texts(row: Mapping[str, Json]) -> dict[str, Json]:
    return {name: str(value) for name, value in row.items()}
