"""Web services and their endpoints: what was published, under which address, keys and limits.

Names, rules and limits are the old product's (services.md 1.5): the scoring address carries the id of an
ENDPOINT, every service has a default endpoint that follows its experiment, further ones keep their own model.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.graph import DataNode, Graph, PortRef
from skyloom.core.identity import Digest, Json, NodeId
from skyloom.core.parameter import Parameter
from skyloom.core.service import Service, ServiceColumn

DEFAULT = "default"
ThrottleLevel = Literal["Low", "High"]
TraceLevel = Literal["None", "Error", "All"]
LOW_CALLS = 4  # what ThrottleLevel Low allows side by side
HIGH_CALLS = 20  # of High, where nothing is said
MOST_CALLS = 200
_NAME = re.compile(r"[a-z0-9]{1,24}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)

RESOURCE_KINDS: Mapping[str, str] = {"ILearner": "trained model", "ITransform": "transform"}


@dataclass(frozen=True)
class WebService:
    """A published graph under one name; its endpoints are kept apart."""

    id: str
    name: str
    created_at: str
    description: str = ""
    default_endpoint: str = DEFAULT


@dataclass(frozen=True)
class Bound:
    """Content of an output port that is fixed for the service: what the run it was published from gave."""

    port: PortRef
    artifact: Artifact


@dataclass(frozen=True)
class Endpoint:
    """One address of a service.

    ``version`` counts every change of what is served; ``inputs`` and ``outputs`` are the columns that were
    found when the service was opened for the first time, None where they cannot be known. ``score`` is what a
    score script declares of its arguments and its answer (score_script.py); None for every other graph.
    """

    id: str
    service: str
    name: str
    created_at: str
    graph: Graph
    primary_key: str
    secondary_key: str
    description: str = ""
    version: int = 1
    bound: tuple[Bound, ...] = ()
    schemas: Mapping[str, tuple[ServiceColumn, ...]] = field(default_factory=dict)
    inputs: Mapping[str, tuple[ServiceColumn, ...] | None] = field(default_factory=dict)
    outputs: Mapping[str, tuple[ServiceColumn, ...] | None] = field(default_factory=dict)
    environment: str | None = None
    throttle_level: ThrottleLevel = "High"
    max_concurrent_calls: int = HIGH_CALLS
    prevent_update: bool = False
    trace_level: TraceLevel = "None"
    score: Json = None

    @property
    def is_default(self) -> bool:
        return self.name == DEFAULT

    def fits(self, key: str) -> bool:
        """Whether this is one of the two keys; takes the same time whatever differs."""
        given = key.encode("utf-8", "replace")
        first = hmac.compare_digest(given, self.primary_key.encode())
        second = hmac.compare_digest(given, self.secondary_key.encode())
        return first or second

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Global parameters of the service."""
        return self.graph.parameters

    def opening(self) -> Service:
        """What a ServiceRunner opens."""
        return Service(
            self.graph,
            {one.port: one.artifact for one in self.bound},
            self.schemas,
            self.environment,
            max_concurrent_calls=self.max_concurrent_calls,
        )

    def content_in_use(self) -> set[Digest]:
        """Digests that must not be swept while the endpoint is there."""
        return {one.artifact.digest for one in self.bound} | {
            Digest(node.data.path)
            for node in self.graph.nodes
            if isinstance(node, DataNode)
            and isinstance(node.data, DataReference)
            and node.data.datastore == ARTIFACT_STORE
        }


@dataclass(frozen=True)
class Resource:
    """A trained model or transform in a graph, which a PATCH may replace."""

    name: str
    kind: str
    node: NodeId
    type: str


def resources_of(graph: Graph) -> list[Resource]:
    """In the order of the graph, under names that differ: ``X [trained model]``."""
    found: list[Resource] = []
    for node in graph.nodes:
        if isinstance(node, DataNode) and node.type in RESOURCE_KINDS:
            kind = RESOURCE_KINDS[node.type]
            title, mark = node.title or str(node.id), f"[{kind}]"
            base = title if title.endswith(mark) else f"{title} {mark}"  # promoted ones are called so already
            name, number = base, 2
            while any(other.name == name for other in found):
                name, number = f"{base} ({number})", number + 1
            found.append(Resource(name, kind, node.id, node.type))
    return found


def new_endpoint_key() -> str:
    """Base64 of 64 random bytes: 88 characters that end in "=="."""
    return base64.b64encode(secrets.token_bytes(64)).decode()


def new_service_id() -> str:
    """32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_service_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def is_endpoint_name(text: str) -> bool:
    """At most 24 of a-z and 0-9.

    >>> is_endpoint_name("customer1"), is_endpoint_name("Customer 1")
    (True, False)
    """
    return _NAME.fullmatch(text) is not None
