"""Services and endpoints as JSON: our own form, and the old product's, name by name (services.md 1.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skyloom.core.endpoint import Endpoint, WebService, resources_of
from skyloom.core.identity import Json
from skyloom.core.serialize import to_json
from skyloom.core.service import ServiceColumn

_Ports = Mapping[str, tuple[ServiceColumn, ...] | None]


def service_json(service: WebService, endpoints: Sequence[Endpoint], workspace: str) -> dict[str, Json]:
    """A service with its endpoints, without their keys."""
    return {
        "id": service.id,
        "name": service.name,
        "description": service.description,
        "created_at": service.created_at,
        "default_endpoint": service.default_endpoint,
        "endpoints": [endpoint_json(endpoint, workspace) for endpoint in endpoints],
    }


def endpoint_json(endpoint: Endpoint, workspace: str) -> dict[str, Json]:
    """An endpoint without its keys; ``path`` is where it is called on an open port."""
    return {
        "id": endpoint.id,
        "path": api_location(endpoint, workspace, ""),
        "service": endpoint.service,
        "name": endpoint.name,
        "description": endpoint.description,
        "created_at": endpoint.created_at,
        "version": endpoint.version,
        "throttle_level": endpoint.throttle_level,
        "max_concurrent_calls": endpoint.max_concurrent_calls,
        "prevent_update": endpoint.prevent_update,
        "trace_level": endpoint.trace_level,
        "inputs": _ports(endpoint.inputs),
        "outputs": _ports(endpoint.outputs),
        "parameters": [to_json(parameter) for parameter in endpoint.parameters],
        "resources": [
            {"name": resource.name, "kind": resource.kind} for resource in resources_of(endpoint.graph)
        ],
    }


def keys_json(endpoint: Endpoint) -> dict[str, Json]:
    return {"primary_key": endpoint.primary_key, "secondary_key": endpoint.secondary_key}


def classic_service(service: WebService, workspace: str, endpoint_count: int) -> dict[str, Json]:
    """Id, Name, Description, CreationTime, WorkspaceId, DefaultEndpointName, EndpointCount."""
    return {
        "Id": service.id,
        "Name": service.name,
        "Description": service.description,
        "CreationTime": service.created_at,
        "WorkspaceId": workspace,
        "DefaultEndpointName": service.default_endpoint,
        "EndpointCount": endpoint_count,
    }


def classic_endpoint(endpoint: Endpoint, workspace: str, base: str) -> dict[str, Json]:
    """All members that old clients look for; ``base`` is the origin that the request came to."""
    return {
        "Name": endpoint.name,
        "Description": endpoint.description,
        "CreationTime": endpoint.created_at,
        "WebServiceId": endpoint.service,
        "WorkspaceId": workspace,
        "HelpLocation": help_location(endpoint, workspace, base),
        "PrimaryKey": endpoint.primary_key,
        "SecondaryKey": endpoint.secondary_key,
        "ApiLocation": api_location(endpoint, workspace, base),
        "Version": str(endpoint.version),
        "PreventUpdate": endpoint.prevent_update,
        "SampleDataEnabled": False,
        "ExperimentLocation": "",
        "MaxConcurrentCalls": endpoint.max_concurrent_calls,
        "DiagnosticsTraceLevel": endpoint.trace_level,
        "ThrottleLevel": endpoint.throttle_level,
        "Resources": [
            {"Name": resource.name, "Kind": resource.kind.title(), "Location": None}
            for resource in resources_of(endpoint.graph)
        ],
    }


def api_location(endpoint: Endpoint, workspace: str, base: str) -> str:
    """Scoring address: no slash at the end, no /execute."""
    return f"{base}/workspaces/{workspace}/services/{endpoint.id}"


def help_location(endpoint: Endpoint, workspace: str, base: str) -> str:
    return f"{base}/apihelp/{endpoint_path(endpoint, workspace)}"


def endpoint_path(endpoint: Endpoint, workspace: str) -> str:
    return f"workspaces/{workspace}/webservices/{endpoint.service}/endpoints/{endpoint.name}"


def _ports(ports: _Ports) -> dict[str, Json]:
    return {
        name: None if columns is None else [to_json(column) for column in columns]
        for name, columns in ports.items()
    }
