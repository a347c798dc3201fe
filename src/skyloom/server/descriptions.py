"""Descriptions: what the OpenAPI document says of a route, and the scope that it needs on the network.

A route without a line here is for admins and has no further words; a test holds the table to the routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.access import ADMIN, READ, SUBMIT
from skyloom.core.identity import Json

CALL = "call"  # any token gets in; the handler knows which endpoint it must be for
Schema = Mapping[str, Json]
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SECONDS: Schema = {"type": "number", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {"type": "object"}


@dataclass(frozen=True)
class Description:
    """One route for people and programs. ``body`` is a JSON Schema; ``binary`` a body of plain bytes."""

    scope: str
    query: Mapping[str, Schema] = field(default_factory=dict)
    needed: tuple[str, ...] = ()  # query parameters that must be there
    body: Schema | None = None
    binary: bool = False
    status: int = 200
    answer: str = "application/json"
    headers: Mapping[str, Schema] = field(default_factory=dict)


def an_object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """The schema of an object; further members are allowed."""
    body: dict[str, Json] = {
        "type": "object",
        "properties": {name: dict(schema) for name, schema in properties.items()},
    }
    if required:
        body["required"] = list(required)
    return body


def a_list(of: Schema) -> Schema:
    return {"type": "array", "items": dict(of)}


ARTIFACT = an_object(
    ("digest", "name", "type", "role", "media_type", "size"),
    digest={"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    name=TEXT,
    type=TEXT,
    role={"enum": ["output", "log", "image", "file", "locals"]},
    media_type=TEXT,
    size=COUNT,
)
_ENDPOINT = "/services/{service}/endpoints/{endpoint}"
BYTES = "application/octet-stream"
EVENTS = "text/event-stream"
PICTURE = "image/*"

NATIVE: dict[tuple[str, str], Description] = {
    ("GET", "/runs"): Description(
        READ, {"limit": COUNT, "before": TEXT, "experiment": TEXT, "tags": TEXT, "properties": TEXT}
    ),
    ("POST", "/runs"): Description(
        SUBMIT,
        body=an_object(
            ("document",),
            document=ANY,
            experiment=TEXT,
            values=ANY,
            settings=ANY,
            options=ANY,
            origin={"enum": ["cli", "studio", "sdk", "rest"]},
            notes=ANY,
        ),
        status=201,
        headers={"Idempotency-Key": TEXT},
    ),
    ("GET", "/runs/{run}"): Description(READ),
    ("DELETE", "/runs/{run}"): Description(SUBMIT),
    ("GET", "/runs/{run}/events"): Description(READ, {"after": COUNT, "wait_s": SECONDS}),
    ("GET", "/runs/{run}/report"): Description(READ, {"export": FLAG}),
    ("POST", "/runs/{run}/cancel"): Description(SUBMIT),
    ("POST", "/runs/{run}/resume"): Description(
        SUBMIT, body=an_object(files=ANY, settings=ANY, values=ANY), status=201
    ),
    ("GET", "/runs/{run}/why"): Description(READ),
    ("GET", "/runs/{run}/log"): Description(
        READ, {"node": TEXT, "stream": TEXT, "offset": COUNT}, ("node",), answer=BYTES
    ),
    ("POST", "/graphs/validate"): Description(READ, body=an_object(("document",), document=ANY)),
    ("PUT", "/artifacts"): Description(
        SUBMIT, {"name": TEXT, "type": TEXT, "limits": TEXT}, ("name",), binary=True, status=201
    ),
    ("POST", "/artifacts/path"): Description(
        ADMIN, body=an_object(("artifact",), artifact=ARTIFACT, format=TEXT)
    ),
    ("POST", "/artifacts/content"): Description(
        READ, body=an_object(("artifact",), artifact=ARTIFACT, format=TEXT), answer=BYTES
    ),
    ("POST", "/artifacts/profile"): Description(READ, body=an_object(("artifact",), artifact=ARTIFACT)),
    ("POST", "/datasets"): Description(
        SUBMIT,
        body=an_object(("name", "artifact"), name=TEXT, artifact=ARTIFACT, description=TEXT),
        status=201,
    ),
    ("GET", "/datasets"): Description(READ, {"limit": COUNT, "after": TEXT}),
    ("GET", "/datasets/version"): Description(READ, {"name": TEXT, "version": COUNT}, ("name",)),
    ("DELETE", "/datasets/version"): Description(SUBMIT, {"name": TEXT, "version": COUNT}, ("name",)),
    ("GET", "/datasets/content"): Description(
        READ, {"name": TEXT, "version": COUNT, "format": TEXT}, ("name",), answer=BYTES
    ),
    ("GET", "/modules"): Description(READ),
    ("GET", "/storage"): Description(SUBMIT),
    ("POST", "/services"): Description(
        SUBMIT,
        body=an_object(name=TEXT, run=TEXT, document=ANY, service=TEXT, description=TEXT, environment=TEXT),
        status=201,
    ),
    ("GET", "/services"): Description(READ),
    ("GET", "/services/{service}"): Description(READ),
    ("DELETE", "/services/{service}"): Description(SUBMIT),
    ("GET", f"{_ENDPOINT}"): Description(READ),
    ("PUT", f"{_ENDPOINT}"): Description(
        SUBMIT,
        body=an_object(
            description=TEXT,
            throttle_level={"enum": ["Low", "High"]},
            max_concurrent_calls={"type": "integer", "minimum": 1, "maximum": 200},
            prevent_update=FLAG,
            trace_level={"enum": ["None", "Error", "All"]},
        ),
    ),
    ("DELETE", f"{_ENDPOINT}"): Description(SUBMIT),
    ("GET", f"{_ENDPOINT}/keys"): Description(SUBMIT),
    ("POST", f"{_ENDPOINT}/keys"): Description(
        SUBMIT, body=an_object(("which",), which={"enum": ["Primary", "Secondary"]})
    ),
    ("POST", f"{_ENDPOINT}/refresh"): Description(SUBMIT, body=an_object(overwrite_resources=FLAG)),
    ("POST", f"{_ENDPOINT}/call"): Description(
        CALL, {"format": TEXT}, body=an_object(Inputs=ANY, GlobalParameters=ANY)
    ),
    ("GET", "/status"): Description(READ),
    ("POST", "/stop"): Description(ADMIN, status=202),
    ("GET", "/doctor"): Description(READ),
    ("POST", "/tokens"): Description(
        ADMIN,
        body=an_object(
            ("scopes",), name=TEXT, scopes=a_list(TEXT), expires_in_s={"type": ["number", "null"]}
        ),
        status=201,
    ),
    ("GET", "/tokens"): Description(ADMIN),
    ("POST", "/tokens/first"): Description(ADMIN),
    ("DELETE", "/tokens/{token}"): Description(ADMIN),
    ("GET", "/audit"): Description(ADMIN, {"after": COUNT, "limit": COUNT}),
    ("GET", "/audit/check"): Description(ADMIN),
}
_ALL: Mapping[str, Schema] = {"all": FLAG}
_NOTES = an_object(tags=ANY, properties=ANY, description=TEXT, display_name=TEXT)
_STARTS = an_object(
    ("experiment",), experiment=TEXT, values=ANY, data_paths=ANY, datasets=ANY, tags=ANY, properties=ANY
)
_KEY: Mapping[str, Schema] = {"Idempotency-Key": TEXT}
_VERSION = an_object(("name", "version"), name=TEXT, version={"type": "integer"}, body=ANY)
_PLACE: Mapping[str, Schema] = {"path": TEXT}
_DEFINITION = an_object(("definition",), definition=ANY)
NATIVE |= {
    ("GET", "/workspace"): Description(READ),
    ("PUT", "/workspace"): Description(SUBMIT, body=an_object(("facts",), facts=ANY, create=FLAG)),
    ("GET", "/secrets"): Description(ADMIN),
    ("PUT", "/secrets"): Description(ADMIN, body=an_object(("secrets",), secrets=ANY)),
    ("GET", "/secrets/{name}"): Description(ADMIN),
    ("DELETE", "/secrets/{name}"): Description(ADMIN),
    ("POST", "/folders/missing"): Description(SUBMIT, body=an_object(("digests",), digests=a_list(TEXT))),
    ("PUT", "/folders/files"): Description(SUBMIT, binary=True, status=201),
    ("GET", "/pools/{name}"): Description(READ),
    ("POST", "/folders"): Description(
        SUBMIT, body=an_object(("folder", "name"), folder=ANY, name=TEXT), status=201
    ),
    ("POST", "/folders/list"): Description(READ, body=an_object(("artifact",), artifact=ARTIFACT)),
    ("GET", "/registry/{kind}"): Description(READ, {"name": TEXT}),
    ("POST", "/registry/{kind}"): Description(
        SUBMIT, body=an_object(("name",), name=TEXT, body=ANY, content=a_list(TEXT)), status=201
    ),
    ("PUT", "/registry/{kind}"): Description(SUBMIT, body=_VERSION),
    ("DELETE", "/registry/{kind}"): Description(SUBMIT, body=_VERSION),
    ("GET", "/datastores"): Description(READ),
    ("POST", "/definitions"): Description(SUBMIT, body=_DEFINITION, status=201),
    ("POST", "/definitions/listing"): Description(SUBMIT, body=_DEFINITION),
    ("POST", "/definitions/content"): Description(
        SUBMIT,
        body=an_object(("definition", "store", "path"), definition=ANY, store=TEXT, path=TEXT),
        answer=BYTES,
    ),
    ("GET", "/definitions/{id}"): Description(READ),
    ("GET", "/registered"): Description(READ, {"name": TEXT}),
    ("POST", "/registered"): Description(
        SUBMIT,
        body=an_object(
            ("name", "definition"),
            name=TEXT,
            definition=ANY,
            description=TEXT,
            tags=ANY,
            new_version=FLAG,
        ),
        status=201,
    ),
    ("PUT", "/registered"): Description(
        SUBMIT,
        body=an_object(("name", "version"), name=TEXT, version=COUNT, description=TEXT, tags=ANY),
    ),
    ("DELETE", "/registered"): Description(SUBMIT, {"name": TEXT}, ("name",)),
    ("GET", "/datastores/{datastore}/files"): Description(READ, _PLACE),
    ("GET", "/datastores/{datastore}/content"): Description(READ, _PLACE, ("path",), answer=BYTES),
    ("PUT", "/datastores/{datastore}/content"): Description(
        SUBMIT, {"path": TEXT, "overwrite": FLAG}, ("path",), binary=True
    ),
    ("GET", "/datastores/{datastore}/path"): Description(ADMIN, _PLACE, ("path",)),
    ("GET", "/runs/{run}/graph"): Description(READ),
    ("GET", "/runs/{run}/notes"): Description(READ),
    ("PUT", "/runs/{run}/notes"): Description(SUBMIT, body=_NOTES),
    ("POST", "/pipelines"): Description(
        SUBMIT,
        body=an_object(name=TEXT, description=TEXT, version=TEXT, document=ANY, run=TEXT, options=ANY),
        status=201,
    ),
    ("GET", "/pipelines"): Description(READ, _ALL),
    ("GET", "/pipelines/{id}"): Description(READ),
    ("PUT", "/pipelines/{id}/active"): Description(SUBMIT, body=an_object(("active",), active=FLAG)),
    ("POST", "/pipelines/{id}/runs"): Description(CALL, body=_STARTS, status=201, headers=_KEY),
    ("GET", "/pipeline-calls"): Description(READ, {"pipeline": TEXT, "schedule": TEXT}),
    ("GET", "/runs/{run}/call"): Description(READ),
    ("POST", "/pipeline-endpoints"): Description(
        SUBMIT, body=an_object(("name", "pipeline"), name=TEXT, description=TEXT, pipeline=TEXT), status=201
    ),
    ("GET", "/pipeline-endpoints"): Description(READ, _ALL),
    ("PUT", "/pipeline-endpoints"): Description(
        SUBMIT, body=an_object(("id", "name"), id=TEXT, name=TEXT, versions=a_list(ANY), revision=COUNT)
    ),
    ("GET", "/pipeline-endpoints/one"): Description(READ, {"id": TEXT, "name": TEXT}),
    ("POST", "/pipeline-endpoints/{id}/runs"): Description(
        CALL, {"version": TEXT}, body=_STARTS, status=201, headers=_KEY
    ),
    ("POST", "/pipeline-drafts"): Description(
        SUBMIT,
        body=an_object(
            ("id", "name", "experiment", "document"), id=TEXT, name=TEXT, experiment=TEXT, document=ANY
        ),
        status=201,
    ),
    ("GET", "/pipeline-drafts"): Description(READ),
    ("PUT", "/pipeline-drafts"): Description(
        SUBMIT,
        body=an_object(
            ("id", "name", "experiment", "document"),
            id=TEXT,
            name=TEXT,
            experiment=TEXT,
            document=ANY,
            revision=COUNT,
        ),
    ),
    ("GET", "/pipeline-drafts/{id}"): Description(READ),
    ("DELETE", "/pipeline-drafts/{id}"): Description(SUBMIT),
    **{
        (method, "/schedules"): Description(
            SUBMIT,
            body=an_object(
                ("id", "name", "experiment"),
                id=TEXT,
                name=TEXT,
                experiment=TEXT,
                pipeline=TEXT,
                endpoint=TEXT,
                recurrence=ANY,
                watch=ANY,
            ),
            status=status,
        )
        for method, status in (("POST", 201), ("PUT", 200))
    },
    ("GET", "/schedules"): Description(READ, {**_ALL, "pipeline": TEXT, "endpoint": TEXT}),
    ("GET", "/schedules/{id}"): Description(READ),
    ("GET", "/schedules/{id}/triggers"): Description(READ, {"limit": COUNT}),
    ("GET", "/schedules/{id}/next"): Description(READ, {"count": COUNT}),
    ("POST", "/schedules/{id}/runs"): Description(SUBMIT, status=201),
    ("GET", "/runs/{run}/source"): Description(READ, {"node": TEXT}, ("node",)),
}
_AT = "/artifacts/{digest}"
_BEHIND: Mapping[str, Schema] = {"Last-Event-ID": TEXT}
NATIVE |= {  # what the page alone asks (docs/decisions/0026)
    ("GET", f"{_AT}/columns"): Description(READ),
    ("GET", f"{_AT}/rows"): Description(READ, {"offset": COUNT, "limit": COUNT, "columns": TEXT}),
    ("GET", f"{_AT}/profile"): Description(READ, {"sample": FLAG}),
    ("GET", f"{_AT}/compare"): Description(READ, {"x": COUNT, "y": COUNT}),
    ("GET", f"{_AT}/image"): Description(READ, answer=PICTURE),
    ("GET", f"{_AT}/content"): Description(READ, {"type": TEXT, "format": TEXT, "name": TEXT}, answer=BYTES),
    ("GET", "/runs/changes"): Description(READ, answer=EVENTS),
    ("GET", "/runs/{run}/stream"): Description(READ, {"after": COUNT}, answer=EVENTS, headers=_BEHIND),
    ("GET", "/runs/{run}/log/stream"): Description(
        READ, {"node": TEXT, "stream": TEXT, "after": COUNT}, ("node",), answer=EVENTS, headers=_BEHIND
    ),
    ("GET", "/runs/{run}/document"): Description(READ),
    ("GET", "/runs/{run}/program"): Description(READ),
}
NATIVE |= {  # looking after the workspace (docs/decisions/0032)
    ("GET", "/storage/use"): Description(READ),
    ("POST", "/storage/clean"): Description(
        ADMIN, body=an_object(("parts",), parts=a_list(TEXT), dry_run=FLAG)
    ),
    ("GET", f"{_AT}/maker"): Description(READ),
    ("GET", f"{_AT}/model"): Description(READ, {"type": TEXT}),
    ("GET", "/environments"): Description(READ),
    ("DELETE", "/environments"): Description(ADMIN, {"digest": TEXT}, ("digest",)),
    ("POST", "/environments/build"): Description(
        SUBMIT, body=an_object(("digest",), digest=TEXT), status=202
    ),
    ("GET", "/environments/log"): Description(READ, {"digest": TEXT}, ("digest",)),
    ("GET", "/stores"): Description(READ),
    ("POST", "/stores"): Description(
        ADMIN,
        body=an_object(
            ("datastore",),
            datastore=an_object(("name", "kind"), name=TEXT, kind=TEXT, settings=ANY),
            secrets=ANY,
            overwrite=FLAG,
            create=FLAG,
        ),
        status=201,
    ),
    ("DELETE", "/stores/{name}"): Description(ADMIN),
    ("PUT", "/stores/{name}/default"): Description(ADMIN),
    ("POST", "/stores/{name}/test"): Description(SUBMIT),
    ("GET", "/stores/{name}/level"): Description(READ, {"path": TEXT}),
    ("GET", "/computes"): Description(READ),
    ("PUT", "/computes"): Description(
        SUBMIT, body=an_object(("name",), name=TEXT, min_nodes=COUNT, max_nodes=COUNT, idle_s=COUNT)
    ),
    ("DELETE", "/computes/{name}"): Description(SUBMIT),
    ("PUT", f"{_ENDPOINT}/files"): Description(SUBMIT, {"name": TEXT}, ("name",), binary=True, status=201),
    ("POST", f"{_ENDPOINT}/jobs"): Description(
        SUBMIT, body=an_object(("inputs",), inputs=ANY, parameters=ANY), status=201
    ),
    ("GET", f"{_ENDPOINT}/jobs"): Description(READ),
    ("DELETE", f"{_ENDPOINT}/jobs/{{job}}"): Description(SUBMIT),
    ("GET", f"{_ENDPOINT}/jobs/{{job}}/results/{{output}}"): Description(READ, answer=BYTES),
    ("GET", f"{_ENDPOINT}/usage"): Description(READ, {"span": TEXT}),
}
_OF: Mapping[str, Schema] = {"experiment": TEXT}
_FILE = an_object(("format", "text"), format={"enum": ["classic", "arm"]}, text=TEXT, encoding=TEXT)
NATIVE |= {
    ("GET", "/experiments"): Description(READ, {"limit": COUNT}),
    ("POST", "/experiments"): Description(
        SUBMIT, body=an_object(("document",), document=ANY, name=TEXT), status=201
    ),
    ("GET", "/experiments/version"): Description(READ, _OF, ("experiment",)),
    ("DELETE", "/experiments/version"): Description(SUBMIT, _OF, ("experiment",)),
    ("GET", "/experiments/history"): Description(READ, _OF, ("experiment",)),
    ("POST", "/experiments/edit"): Description(
        SUBMIT,
        body=an_object(
            ("experiment", "document"), experiment=TEXT, document=ANY, etag=TEXT, keep_versions=FLAG
        ),
    ),
    ("POST", "/experiments/save-as"): Description(
        SUBMIT, body=an_object(("experiment", "name"), experiment=TEXT, name=TEXT)
    ),
    ("POST", "/experiments/run"): Description(
        SUBMIT, body=an_object(("experiment",), experiment=TEXT, how=ANY)
    ),
    ("POST", "/experiments/promote"): Description(
        SUBMIT,
        body=an_object(
            ("experiment", "node"), experiment=TEXT, node=TEXT, port=TEXT, name=TEXT, description=TEXT
        ),
    ),
    ("GET", "/experiments/columns"): Description(
        READ, {**_OF, "node": TEXT, "port": TEXT}, ("experiment", "node")
    ),
    ("POST", "/experiments/import"): Description(
        SUBMIT, body=an_object(("file",), file=_FILE, check=FLAG, name=TEXT, bindings=ANY)
    ),
    ("POST", "/experiments/bind"): Description(
        SUBMIT, body=an_object(("experiment", "bindings"), experiment=TEXT, bindings=ANY)
    ),
    ("GET", "/experiments/program"): Description(READ, _OF, ("experiment",)),
    ("GET", "/experiments/export"): Description(READ, {**_OF, "format": TEXT}, ("experiment",)),
    ("POST", "/experiments/web-service"): Description(
        SUBMIT, body=an_object(("experiment",), experiment=TEXT, setup=ANY)
    ),
}
_SERVICE = "/workspaces/{ws}/webservices/{sid}"
# the handlers look at scopes themselves: a key of an endpoint stands in for a token there
CLASSIC: dict[tuple[str, str], Description] = {
    ("GET", "/workspaces/{ws}/webservices"): Description(CALL),
    ("GET", _SERVICE): Description(CALL),
    ("PUT", _SERVICE): Description(
        CALL,
        body=an_object(
            ("Name", "Type", "CodeBundle"),
            Name=TEXT,
            Type={"enum": ["Code"]},
            CodeBundle=an_object(
                ("Language", "SourceCode"),
                Language=TEXT,
                SourceCode=TEXT,
                ZipContents=TEXT,
                InputSchema=ANY,
                OutputSchema=ANY,
            ),
        ),
    ),
    ("DELETE", _SERVICE): Description(CALL, status=204),
    ("GET", f"{_SERVICE}/endpoints"): Description(CALL),
    ("GET", f"{_SERVICE}/endpoints/{{name}}"): Description(CALL),
    ("PUT", f"{_SERVICE}/endpoints/{{name}}"): Description(
        CALL,
        body=an_object(
            Description=TEXT,
            ThrottleLevel={"enum": ["Low", "High"]},
            MaxConcurrentCalls={"type": "integer"},
            PreventUpdate=FLAG,
        ),
    ),
    ("DELETE", f"{_SERVICE}/endpoints/{{name}}"): Description(CALL, status=204),
    ("POST", f"{_SERVICE}/endpoints/{{name}}/refresh"): Description(
        CALL, body=an_object(OverwriteResources={"enum": ["True", "False"]}), status=204
    ),
}
_REFERENCE = an_object(
    ("RelativeLocation",), ConnectionString=TEXT, BaseLocation=TEXT, RelativeLocation=TEXT, SasBlobToken=TEXT
)
_REFERENCES: Schema = {"type": ["object", "null"], "additionalProperties": dict(_REFERENCE)}
_JOBS = "/workspaces/{ws}/services/{endpoint}/jobs"
CLASSIC |= {
    ("PATCH", f"{_SERVICE}/endpoints/{{name}}"): Description(
        CALL,
        body=an_object(
            ("Resources",), Resources=a_list(an_object(("Name", "Location"), Name=TEXT, Location=_REFERENCE))
        ),
        status=204,
    ),
    ("POST", _JOBS): Description(
        CALL,
        body=an_object(
            Inputs=_REFERENCES, Outputs=_REFERENCES, GlobalParameters={"type": ["object", "null"]}
        ),
    ),
    ("POST", f"{_JOBS}/{{job}}/start"): Description(CALL, status=204),
    ("GET", f"{_JOBS}/{{job}}"): Description(CALL),
    ("DELETE", f"{_JOBS}/{{job}}"): Description(CALL, status=204),
}
_DATA = "/api/workspaces/{ws}/datasources"
_UPLOAD: Mapping[str, Schema] = {"dataTypeId": TEXT, "userStorage": TEXT}
_BLOCK: Mapping[str, Schema] = {**_UPLOAD, "blockId": COUNT, "uploadId": TEXT, "numberOfBlocks": COUNT}
_EXPERIMENTS = "/api/workspaces/{ws}/experiments"
_SAVED = an_object(
    ("ExperimentGraph",),
    ExperimentGraph=ANY,
    Description=TEXT,
    Summary=TEXT,
    IsDraft=FLAG,
    ParentExperimentId=TEXT,
    DisableNodeUpdate=FLAG,
    Category=TEXT,
    WebService=ANY,
)
_NOT_KEPT = ("annotations", "modules/custom", "packages", "projectcontainers", "notebooks", "gateways")
CLASSIC |= {
    ("GET", _DATA): Description(CALL),
    ("POST", _DATA): Description(
        CALL,
        body=an_object(
            ("DataSource", "UploadId"),
            DataSource=an_object(
                ("Name", "DataTypeId"), Name=TEXT, DataTypeId=TEXT, Description=TEXT, FamilyId=TEXT
            ),
            UploadId=TEXT,
            UploadedFromFileName=TEXT,
        ),
    ),
    ("GET", f"{_DATA}/{{id}}"): Description(CALL),
    ("GET", f"{_DATA}/{{id}}/content"): Description("", {"se": TEXT, "sig": TEXT}, answer=BYTES),
    ("DELETE", f"{_DATA}/family/{{family}}"): Description(CALL, status=204),
    ("GET", "/api/workspaces/{ws}"): Description(CALL),
    ("GET", _EXPERIMENTS): Description(CALL),
    ("GET", f"{_EXPERIMENTS}/{{eid}}"): Description(CALL),
    ("GET", f"{_EXPERIMENTS}/{{eid}}/outputdata/{{node}}/{{port:path}}"): Description(CALL, answer=BYTES),
    ("POST", _EXPERIMENTS): Description(CALL, body=_SAVED),
    ("POST", f"{_EXPERIMENTS}/{{eid}}"): Description(CALL, body=_SAVED),
    ("DELETE", f"{_EXPERIMENTS}/{{eid}}"): Description(CALL, status=204),
    ("POST", f"{_EXPERIMENTS}/{{eid}}/webservice"): Description(
        CALL, {"generateNewPortNames": FLAG, "updateExistingWebService": FLAG}
    ),
    ("GET", f"{_EXPERIMENTS}/{{eid}}/webservice"): Description(CALL),
    ("GET", f"{_EXPERIMENTS}/{{eid}}/webservicedefinition"): Description(CALL),
    **{
        ("POST", f"/api/workspaces/{{ws}}/{name}"): Description(
            CALL,
            body=an_object(
                ("ExperimentId", "ModuleNodeId", "OutputName", key),
                ExperimentId=TEXT,
                ModuleNodeId=TEXT,
                OutputName=TEXT,
                **{key: an_object(("Name",), Name=TEXT, Description=TEXT)},
            ),
        )
        for name, key in (("trainedmodels", "TrainedModel"), ("transformmodules", "Transform"))
    },
    **{
        ("GET", f"/api/workspaces/{{ws}}/{name}"): Description(CALL)
        for name in ("trainedmodels", "transformmodules", "modules", "users", *_NOT_KEPT)
    },
    **{("POST", f"/api/workspaces/{{ws}}/{name}"): Description(CALL) for name in ("invitations", *_NOT_KEPT)},
    ("GET", f"{_EXPERIMENTS}/{{eid}}/annotations"): Description(CALL),
    ("POST", f"{_EXPERIMENTS}/{{eid}}/annotations"): Description(CALL),
    **{
        ("POST", f"/api/resourceuploads/workspaces/{{ws}}{end}"): Description(CALL, _UPLOAD, binary=True)
        for end in ("", "/")
    },
    **{
        ("POST", f"/api/blobuploads/workspaces/{{ws}}{end}"): Description(
            CALL, _BLOCK, ("uploadId",), binary=True
        )
        for end in ("", "/")
    },
}
CLASSIC |= {
    ("POST", "/workspaces/{ws}/services/{endpoint}/score"): Description(CALL, body=ANY),
    ("GET", "/workspaces/{ws}/services/{endpoint}/score"): Description(CALL),
}
_TENSOR = an_object(
    ("name", "shape", "datatype", "data"),
    name=TEXT,
    shape=a_list(COUNT),
    datatype={"enum": ["INT64", "FP64", "BOOL", "BYTES"]},
    data={"type": "array"},
)
_INFER = Description(
    CALL, body=an_object(("inputs",), id=TEXT, inputs=a_list(_TENSOR), outputs=a_list(ANY), parameters=ANY)
)
CLASSIC |= {
    ("GET", "/v2"): Description(CALL),
    ("GET", "/v2/health/live"): Description(""),
    ("GET", "/v2/health/ready"): Description(""),
    **{
        (method, f"/v2/models/{{model}}{version}{end}"): words
        for version in ("", "/versions/{version}")
        for method, end, words in (
            ("GET", "", Description(CALL)),
            ("GET", "/ready", Description(CALL)),
            ("POST", "/infer", _INFER),
        )
    },
}
AROUND: dict[tuple[str, str], Description] = {
    ("GET", "/livez"): Description(""),
    ("GET", "/readyz"): Description(""),
    ("GET", "/metrics"): Description(READ, answer="text/plain"),
    **{
        ("POST", f"{tenant}/oauth2{version}/token"): Description("")
        for tenant, version in (("", ""), ("/{tenant}", ""), ("/{tenant}", "/v2.0"))
    },
    ("POST", "/session"): Description("", body=an_object(("token",), token=TEXT)),
    ("GET", "/session"): Description(READ),
    ("DELETE", "/session"): Description(READ),
}
