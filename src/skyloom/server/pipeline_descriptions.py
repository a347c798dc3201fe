"""What the OpenAPI document says of the old pipeline addresses, and the scopes they need on the network."""

from __future__ import annotations

from skyloom.core.access import READ, SUBMIT
from skyloom.server.descriptions import ANY, CALL, FLAG, TEXT, Description, Schema, a_list, an_object
from skyloom.server.routes.pipeline_history import HISTORY
from skyloom.server.routes.pipeline_rest import PATH

_SUBMIT = an_object(
    ("ExperimentName",),
    ExperimentName=TEXT,
    Description=TEXT,
    DisplayName=TEXT,
    RunSource=TEXT,
    RunType=TEXT,
    ParameterAssignments=ANY,
    DataPathAssignments=ANY,
    DataSetDefinitionValueAssignments=ANY,
    ContinueRunOnStepFailure=FLAG,
    EnableNotification=FLAG,
    ScheduleId=TEXT,
    tags=ANY,
    Properties=ANY,
    ParentRunId=TEXT,
)
_KEY: dict[str, Schema] = {"Idempotency-Key": TEXT}
_NAMED: dict[str, Schema] = {"name": TEXT, "pipelineVersion": TEXT}
_NODE: dict[str, Schema] = {"nodeId": TEXT}
_RUN = f"{PATH}/PipelineRuns/{{id}}"
_SET = an_object(
    Name=TEXT,
    Description=TEXT,
    DefaultVersion=TEXT,
    EntityStatus={"enum": ["Active", "Disabled"]},
    PipelineVersionList=a_list(an_object(Version=TEXT, PipelineId=TEXT)),
)

# where a token for one pipeline is enough, the handlers look at scopes themselves
PIPELINES: dict[tuple[str, str], Description] = {
    **{
        ("POST", f"{PATH}/{end}"): Description(CALL, body=_SUBMIT, headers=_KEY)
        for end in (
            "PipelineRuns/PipelineSubmit/{id}",
            "Experiments/PublishedPipelineSubmit/{id}",
            "PipelineRuns/PipelineEndpointSubmit/Id/{id}",
            "PipelineRuns/PipelineEndpointSubmit/Id/{id}/{version}",
        )
    },
    ("POST", f"{PATH}/PipelineRuns/PipelineEndpointSubmit/Name"): Description(
        CALL, _NAMED, body=_SUBMIT, headers=_KEY
    ),
    ("GET", _RUN): Description(CALL),
    ("DELETE", f"{_RUN}/Execution"): Description(CALL),
    ("POST", f"{_RUN}/Cancel"): Description(CALL),
    ("POST", f"{_RUN}/Outputs"): Description(CALL),
    ("POST", f"{_RUN}/Graph/AllNodes/Status"): Description(CALL),
    ("POST", f"{_RUN}/Graph/Node/Status"): Description(CALL, _NODE),
    ("POST", f"{_RUN}/Graph/Shareable/{{stream}}"): Description(CALL, _NODE),
    **{
        (method, f"{PATH}/{noun}{end}"): words
        for noun in ("Pipelines", "PublishedPipelines")
        for method, end, words in (
            ("GET", "", Description(READ, {"activeOnly": FLAG})),
            ("GET", "/{id}", Description(READ)),
            ("PUT", "/{id}/status", Description(SUBMIT, body=an_object(EntityStatus=TEXT))),
        )
    },
    ("GET", f"{PATH}/PipelineEndpoints"): Description(READ),
    ("GET", f"{PATH}/PipelineEndpoints/Name"): Description(READ, {"name": TEXT}),
    ("GET", f"{PATH}/PipelineEndpoints/Id/{{id}}"): Description(READ),
    ("POST", f"{PATH}/PipelineEndpoints/Create"): Description(
        SUBMIT, body=an_object(("Name", "PipelineId"), Name=TEXT, Description=TEXT, PipelineId=TEXT)
    ),
    ("PUT", f"{PATH}/PipelineEndpoints/{{id}}"): Description(SUBMIT, body=_SET),
    ("GET", f"{PATH}/PipelineEndpoints/{{id}}/pipelines"): Description(READ),
    **{
        ("GET", f"{HISTORY}{end}"): Description(READ)
        for end in ("", "/details", "/children", "/metrics", "/artifacts")
    },
    ("POST", f"{HISTORY}/cancel"): Description(SUBMIT),
}
