"""The old addresses of published pipelines, kept in many scripts. Source: sdk.md 15, services.md 4."""

from __future__ import annotations

from urllib.parse import quote


def workspace_path(subscription: str, group: str, workspace: str) -> str:
    """The path below which the pipelines of a workspace lie.

    Notebooks cut the address of an endpoint at its first "Id", so no name before that may hold one.

    >>> workspace_path("local", "local", "Ideas").rpartition("/")[2]
    '%49deas'
    """
    subscription, group, workspace = map(_word, (subscription, group, workspace))
    return (
        f"/pipelines/v1.0/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
    )


def pipeline_path(pipeline: str) -> str:
    return f"/PipelineRuns/PipelineSubmit/{pipeline}"


def endpoint_path(endpoint: str) -> str:
    return f"/PipelineRuns/PipelineEndpointSubmit/Id/{endpoint}"


def _word(name: str) -> str:
    return quote(name or "local", safe="").replace("Id", "%49d")
