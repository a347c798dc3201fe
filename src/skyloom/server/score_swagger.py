"""The document of a score script: Swagger 2.0, OpenAPI 3.0 or 3.1 from what it declares (services.md 5)."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.endpoint import Endpoint, WebService
from skyloom.core.identity import Json

VERSIONS = ("2", "3", "3.1")
_FULL = {"3": "3.0.3", "3.1": "3.1.0"}
_FAULT: dict[str, Json] = {
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "example": {"message": "A value is not provided for the 'X' parameter."},
}
_ANY: dict[str, Json] = {"type": "object", "example": {}}


def score_swagger(endpoint: Endpoint, service: WebService, workspace: str, base: str, version: str) -> Json:
    """The document in one of VERSIONS; the one that lies beside the script wins over it."""
    declared = endpoint.score if isinstance(endpoint.score, dict) else {}
    if declared.get("own") is not None:
        return declared["own"]
    parts = {
        "ServiceInput": _schema(declared.get("input")),
        "ServiceOutput": _schema(declared.get("output")),
        "ErrorResponse": _FAULT,
    }
    info: dict[str, Json] = {
        "title": service.name,
        "description": service.description or f"The score script '{service.name}'.",
        "version": str(endpoint.version),
    }
    path = f"/workspaces/{workspace}/services/{endpoint.id}"
    if version == "2":
        scheme, _, host = base.partition("://")
        return {
            "swagger": "2.0",
            "info": info,
            "host": host,
            "basePath": path,
            "schemes": [scheme],
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "securityDefinitions": {"Bearer": {"type": "apiKey", "name": "Authorization", "in": "header"}},
            "paths": {"/score": {"post": _operation_2()}},
            "definitions": dict(parts),
        }
    return {
        "openapi": _FULL[version],
        "info": info,
        "servers": [{"url": f"{base}{path}"}],
        "security": [{"bearer": []}],
        "paths": {"/score": {"post": _operation_3()}},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(parts),
        },
    }


def _operation_2() -> dict[str, Json]:
    body: Json = {
        "name": "serviceInputPayload",
        "in": "body",
        "required": True,
        "schema": {"$ref": "#/definitions/ServiceInput"},
    }
    return {
        "operationId": "RunMLService",
        "description": "Run the web service's model and get the prediction.",
        "security": [{"Bearer": []}],
        "parameters": [body],
        "responses": {
            "200": {"description": "The answer.", "schema": {"$ref": "#/definitions/ServiceOutput"}},
            "default": {"description": "A fault.", "schema": {"$ref": "#/definitions/ErrorResponse"}},
        },
    }


def _operation_3() -> dict[str, Json]:
    def content(name: str) -> dict[str, Json]:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    return {
        "operationId": "RunMLService",
        "description": "Run the web service's model and get the prediction.",
        "requestBody": {"required": True, "content": content("ServiceInput")},
        "responses": {
            "200": {"description": "The answer.", "content": content("ServiceOutput")},
            "default": {"description": "A fault.", "content": content("ErrorResponse")},
        },
    }


def _schema(declared: Json) -> dict[str, Json]:
    if isinstance(declared, Mapping) and declared:
        return dict(declared)
    return _ANY
