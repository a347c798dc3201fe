"""Answers: the shape of what native routes give, as JSON Schema made from the types of core/.

A page in another language has its types made from the OpenAPI document, so what is said here is what the
page may rely on. ``to_json`` leaves out fields at their default: those are not required. A route without a
line says nothing of its answer.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from skyloom.core.artifact import Artifact
from skyloom.core.blob import BatchJob
from skyloom.core.dataset import Dataset
from skyloom.core.environment_view import BuildLog, EnvironmentView
from skyloom.core.event import RunEvent
from skyloom.core.experiment import (
    Experiment,
    ExperimentSummary,
    Foreign,
    ImportReport,
    NodeStatus,
    PredictedColumns,
)
from skyloom.core.folder import Folder
from skyloom.core.identity import Json
from skyloom.core.module import ModuleSpec
from skyloom.core.problem import Problem
from skyloom.core.publication import CallRecord, PipelineDraft, PipelineEndpoint, PublishedPipeline
from skyloom.core.registry import Entry
from skyloom.core.repair import StepSource
from skyloom.core.run import NodeRun, Run, RunSummary
from skyloom.core.run_notes import RunNotes
from skyloom.core.schedule import Schedule, Trigger
from skyloom.core.serialize import TAG
from skyloom.core.service_usage import ServiceUsage
from skyloom.core.storage_use import CleanUp, Maker, StorageUse
from skyloom.core.store_view import ComputeView, DatastoreView, StoreLevel, StoreTest
from skyloom.core.workspace_api import ReuseNote

Schema = dict[str, Json]
_PLAIN: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class Shapes:
    """Schemas of core types, each once by its name."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of a type; a dataclass becomes a reference to ``#/components/schemas``."""
        origin = get_origin(hint)
        if isinstance(hint, NewType):
            return self.of(hint.__supertype__)
        if isinstance(hint, type) and is_dataclass(hint):
            return self._reference(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"type": "string", "enum": [member.value for member in hint]}
        if hint in _PLAIN:
            return {"type": _PLAIN[hint]}
        if hint is type(None):
            return {"type": "null"}
        if origin is Literal:
            return {"enum": list(get_args(hint))}
        if origin in (Union, types.UnionType):
            return self._choice(get_args(hint))
        if origin in (tuple, list, frozenset):
            return self._items(origin, get_args(hint))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(get_args(hint)[1])}
        return {}  # any JSON

    def _items(self, origin: Any, parts: tuple[Any, ...]) -> Schema:
        if origin is tuple and not (len(parts) == 2 and parts[1] is Ellipsis):
            items: list[Json] = [self.of(part) for part in parts]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        return {"type": "array", "items": self.of(parts[0])}

    def _choice(self, parts: tuple[Any, ...]) -> Schema:
        schemas: list[Json] = []
        is_tagged = len([part for part in parts if part is not type(None)]) > 1
        for part in parts:
            if part is Any:
                return {}
            schema = self.of(part)
            if is_tagged and isinstance(part, type) and is_dataclass(part):
                schema = {"allOf": [schema, _tagged(part.__name__)]}
            schemas.append(schema)
        return {"anyOf": schemas}

    def _reference(self, kind: type) -> Schema:
        name = kind.__name__
        if name not in self.named:
            self.named[name] = {}  # a type that holds itself ends here
            hints = get_type_hints(kind, localns={"Json": Any})
            needed: list[Json] = [
                field.name
                for field in fields(kind)
                if field.default is MISSING and field.default_factory is MISSING
            ]
            properties: Schema = {field.name: self.of(hints[field.name]) for field in fields(kind)}
            self.named[name] = {"type": "object", "properties": properties, "required": needed}
        return {"$ref": f"#/components/schemas/{name}"}

    def put(self, name: str, schema: Schema) -> Schema:
        """A schema that no type of core stands for."""
        self.named[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}


def _tagged(name: str) -> Schema:
    return {"type": "object", "required": [TAG], "properties": {TAG: {"const": name}}}


SHAPES = Shapes()


def _object(**properties: Any) -> Schema:
    """An object of which every member is there."""
    told: Schema = {
        name: part if isinstance(part, dict) else SHAPES.of(part) for name, part in properties.items()
    }
    return {"type": "object", "properties": told, "required": list(told)}


def _with(further: Schema, **properties: Any) -> Schema:
    """An object with members that may be missing, too."""
    told = _object(**properties)
    known = told["properties"]
    assert isinstance(known, dict)
    return {**told, "properties": {**known, **further}}


def _list(of: Any) -> Schema:
    return {"type": "array", "items": of if isinstance(of, dict) else SHAPES.of(of)}


_ANY: Schema = {}
_OBJECT: Schema = {"type": "object", "additionalProperties": True}
_DOCUMENT = SHAPES.put("GraphDocument", {**_OBJECT, "description": "docs/graph-files.md"})
_FEATURE = SHAPES.put(
    "Feature", _object(name=str, index=int, elementType=str, featureType=str, isFeature=bool)
)
_CELL = SHAPES.put(
    "Cell",
    {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            _object(isNan={"const": True}),
        ],
        "description": "studio.md 3.2: missing is {isNan: true}, infinities are 'inf' and '-inf'",
    },
)
_ROWS = SHAPES.put(
    "TableRows",
    _object(
        offset=int,
        numberOfRows=int,
        numberOfColumns=int,
        features=_list(_FEATURE),
        records=_list(_list(_CELL)),
    ),
)
_NUMBER: Schema = {"type": ["number", "null"]}
_BOX = SHAPES.put(
    "BoxPlot",
    _object(
        median=_NUMBER,
        boxBottom=_NUMBER,
        boxTop=_NUMBER,
        whiskerBottom=_NUMBER,
        whiskerTop=_NUMBER,
        outliersBottom=_list(_NUMBER),
        outliersTop=_list(_NUMBER),
    ),
)
_BIN: Schema = {
    "type": "object",
    "properties": {"x": _CELL, "dx": _NUMBER, "y": _NUMBER, "numElements": {"type": "integer"}},
    "required": ["x", "y", "numElements"],
}
_HISTOGRAM = SHAPES.put("Histogram", _object(NumberOfRecords=int, bins=_list(_BIN)))
_PROFILE = SHAPES.put(
    "Profile",
    _with(
        {"sampledRows": {"type": "integer", "description": "when only so many rows were looked at"}},
        visualizationType=str,
        data=_object(
            records=_list(_list(_CELL)),
            features=_list(_FEATURE),
            numberOfRows=int,
            numberOfColumns=int,
            name=str,
        ),
        statistics=_object(
            records={**_list(_list(_NUMBER)), "description": "one a column, in the order of features"},
            features=_list(_object(name=str, index=int)),
            numberOfRows=int,
            numberOfColumns=int,
            name=str,
        ),
        layout=_object(
            records={
                "type": "array",
                "items": {
                    "type": "array",
                    "prefixItems": [
                        {"anyOf": [_HISTOGRAM, {"type": "null"}]},
                        {"anyOf": [_BOX, {"type": "null"}]},
                    ],
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
            features=_list(_object(name=str, index=int)),
            numberOfRows=int,
            numberOfColumns=int,
            name=str,
        ),
    ),
)
_COMPARISON = SHAPES.put(
    "Comparison",
    {
        "type": "object",
        "properties": {
            "kind": {"enum": ["scatter", "crosstab", "boxes"]},
            "x": {"type": "string"},
            "y": {"type": "string"},
            "numberOfRows": {"type": "integer"},
            "points": _list({"type": "array", "prefixItems": [_CELL, _CELL], "minItems": 2, "maxItems": 2}),
            "numbers": {"type": "string"},
            "classes": {"type": "string"},
            "boxes": _list(
                {
                    "type": "object",
                    "properties": {
                        "class": {"type": "string"},
                        "count": {"type": "integer"},
                        "box": {"anyOf": [_BOX, {"type": "null"}]},
                    },
                    "required": ["class", "count", "box"],
                }
            ),
            "columns": _list(str),
            "rows": _list(str),
            "counts": _list(_list(int)),
        },
        "required": ["kind", "x", "y", "numberOfRows"],
    },
)
_MODEL = SHAPES.put(
    "ModelDescription",
    _object(
        name=str,
        task=str,
        isTrained=bool,
        label=str,
        classes=_list(str),
        settings=_list(_object(name=str, value={"type": ["string", "number", "boolean"]})),
        measure={"enum": ["", "weight", "importance", "centre"]},
        columns=_list(str),
        weights=_list(_object(name=str, values=_list(_NUMBER))),
        numberOfFeatures=int,
    ),
)
_ENDPOINT = "/services/{service}/endpoints/{endpoint}"
_TOKEN = SHAPES.put(
    "TokenShown",
    _object(
        id=str,
        name=str,
        scopes=_list(str),
        created_at=str,
        expires_at=str | None,
        last_used_at=str | None,
        revoked_at=str | None,
    ),
)
SHAPES.put(
    "ProblemDocument",
    {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "message": {"type": "string"},
            "where": {"type": "string"},
            "fix": {"type": "string"},
            "problems": _list(Problem),
        },
        "required": ["status", "code", "message", "problems"],
    },
)
SHAPES.of(RunEvent)  # told by streams, which a document cannot describe
_PLACE: Schema = {"type": ["string", "null"]}
_BOUND = _object(experiment=Experiment, report=ImportReport)

ANSWERS: dict[tuple[str, str], Schema] = {
    ("GET", "/session"): _object(subject=str, scopes=_list(str), csrf=_PLACE),
    ("POST", "/session"): _object(csrf=str),
    ("GET", "/runs"): _object(runs=_list(RunSummary), next=_PLACE),
    ("POST", "/runs"): _object(run=str),
    ("GET", "/runs/{run}"): SHAPES.of(Run),
    ("GET", "/runs/{run}/events"): _object(events=_list(RunEvent)),
    ("GET", "/runs/{run}/document"): _object(document=_DOCUMENT, experiment=_PLACE),
    ("POST", "/runs/{run}/cancel"): _object(run=str, canceled=bool),
    ("POST", "/runs/{run}/resume"): _object(run=str),
    ("GET", "/runs/{run}/why"): _object(run=str, nodes=_list(ReuseNote)),
    ("POST", "/graphs/validate"): _object(problems=_list(Problem)),
    ("PUT", "/artifacts"): SHAPES.of(Artifact),
    ("GET", "/artifacts/{digest}/columns"): _object(rows=int, columns=_list(_FEATURE)),
    ("GET", "/artifacts/{digest}/rows"): _ROWS,
    ("GET", "/artifacts/{digest}/profile"): _PROFILE,
    ("GET", "/artifacts/{digest}/compare"): _COMPARISON,
    ("GET", "/artifacts/{digest}/model"): _MODEL,
    ("POST", "/artifacts/profile"): _PROFILE,
    ("POST", "/datasets"): SHAPES.of(Dataset),
    ("GET", "/datasets"): _object(datasets=_list(Dataset), next=_PLACE),
    ("GET", "/datasets/version"): SHAPES.of(Dataset),
    ("DELETE", "/datasets/version"): _object(name=str, deleted=int),
    ("GET", "/modules"): _object(modules=_list(ModuleSpec)),
    ("GET", "/experiments"): _object(experiments=_list(ExperimentSummary)),
    ("POST", "/experiments"): SHAPES.of(Experiment),
    ("GET", "/experiments/version"): _object(
        experiment=Experiment, document=_DOCUMENT, nodes=_list(NodeStatus)
    ),
    ("DELETE", "/experiments/version"): _object(deleted=int),
    ("GET", "/experiments/history"): _object(experiments=_list(ExperimentSummary)),
    ("POST", "/experiments/edit"): SHAPES.of(Experiment),
    ("POST", "/experiments/save-as"): SHAPES.of(Experiment),
    ("POST", "/experiments/run"): SHAPES.of(Experiment),
    ("POST", "/experiments/promote"): SHAPES.of(Dataset),
    ("GET", "/experiments/columns"): SHAPES.of(PredictedColumns),
    ("POST", "/experiments/import"): {
        **_BOUND,
        "required": ["report"],
    },
    ("POST", "/experiments/bind"): _BOUND,
    ("GET", "/experiments/program"): _object(text=str),
    ("GET", "/runs/{run}/program"): _object(text=str),
    ("GET", "/experiments/export"): SHAPES.of(Foreign),
    ("POST", "/experiments/web-service"): SHAPES.of(Experiment),
    ("GET", "/storage/use"): SHAPES.of(StorageUse),
    ("POST", "/storage/clean"): SHAPES.of(CleanUp),
    ("GET", "/artifacts/{digest}/maker"): _object(maker=Maker | None),
    ("GET", "/environments"): _object(environments=_list(EnvironmentView)),
    ("POST", "/environments/build"): SHAPES.of(EnvironmentView),
    ("GET", "/environments/log"): SHAPES.of(BuildLog),
    ("DELETE", "/environments"): _object(removed=str),
    ("GET", "/stores"): _object(stores=_list(DatastoreView)),
    ("POST", "/stores"): SHAPES.of(DatastoreView),
    ("DELETE", "/stores/{name}"): _object(unregistered=str),
    ("PUT", "/stores/{name}/default"): _object(default=str),
    ("POST", "/stores/{name}/test"): SHAPES.of(StoreTest),
    ("GET", "/stores/{name}/level"): SHAPES.of(StoreLevel),
    ("GET", "/computes"): _object(computes=_list(ComputeView)),
    ("PUT", "/computes"): SHAPES.of(ComputeView),
    ("DELETE", "/computes/{name}"): _object(removed=str),
    ("PUT", f"{_ENDPOINT}/files"): _object(blob=str),
    ("POST", f"{_ENDPOINT}/jobs"): SHAPES.of(BatchJob),
    ("GET", f"{_ENDPOINT}/jobs"): _object(jobs=_list(BatchJob)),
    ("DELETE", f"{_ENDPOINT}/jobs/{{job}}"): SHAPES.of(BatchJob),
    ("GET", f"{_ENDPOINT}/usage"): SHAPES.of(ServiceUsage),
    ("GET", "/registry/{kind}"): _object(entries=_list(Entry)),
    ("POST", "/folders/list"): SHAPES.of(Folder),
    ("GET", "/status"): _object(pid=int, host=str, version=str, home=str, started_at=str, idle=bool),
    ("GET", "/doctor"): _OBJECT,
    ("GET", "/tokens"): _object(tokens=_list(_TOKEN)),
    ("POST", "/tokens"): {"allOf": [_TOKEN, _object(token=str)]},
    ("DELETE", "/tokens/{token}"): _TOKEN,
}
SHAPES.of(NodeRun)
ANSWERS |= {
    ("GET", "/workspace"): _object(facts=_OBJECT, pipelines=str),
    ("GET", "/runs/{run}/source"): SHAPES.of(StepSource),
    ("GET", "/runs/{run}/notes"): SHAPES.of(RunNotes),
    ("GET", "/runs/{run}/call"): _object(call={"anyOf": [SHAPES.of(CallRecord), {"type": "null"}]}),
    ("POST", "/pipelines"): SHAPES.of(PublishedPipeline),
    ("GET", "/pipelines"): _object(pipelines=_list(PublishedPipeline)),
    ("GET", "/pipelines/{id}"): SHAPES.of(PublishedPipeline),
    ("PUT", "/pipelines/{id}/active"): SHAPES.of(PublishedPipeline),
    ("POST", "/pipelines/{id}/runs"): _object(run=str),
    ("GET", "/pipeline-calls"): _object(calls=_list(CallRecord)),
    ("POST", "/pipeline-endpoints"): SHAPES.of(PipelineEndpoint),
    ("GET", "/pipeline-endpoints"): _object(endpoints=_list(PipelineEndpoint)),
    ("PUT", "/pipeline-endpoints"): SHAPES.of(PipelineEndpoint),
    ("GET", "/pipeline-endpoints/one"): SHAPES.of(PipelineEndpoint),
    ("POST", "/pipeline-endpoints/{id}/runs"): _object(run=str),
    ("POST", "/pipeline-drafts"): SHAPES.of(PipelineDraft),
    ("GET", "/pipeline-drafts"): _object(drafts=_list(PipelineDraft)),
    ("PUT", "/pipeline-drafts"): SHAPES.of(PipelineDraft),
    ("GET", "/pipeline-drafts/{id}"): SHAPES.of(PipelineDraft),
    ("DELETE", "/pipeline-drafts/{id}"): _object(deleted=bool),
    ("POST", "/schedules"): SHAPES.of(Schedule),
    ("GET", "/schedules"): _object(schedules=_list(Schedule)),
    ("PUT", "/schedules"): SHAPES.of(Schedule),
    ("GET", "/schedules/{id}"): SHAPES.of(Schedule),
    ("GET", "/schedules/{id}/triggers"): _object(triggers=_list(Trigger)),
    ("GET", "/schedules/{id}/next"): _object(times=_list(str)),
    ("POST", "/schedules/{id}/runs"): _object(run=str),
}
