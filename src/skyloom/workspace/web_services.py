"""WebServices: publishing, endpoints and their models; and the services that are open for calls.

Rules of the old product (services.md 1.5): the default endpoint follows what is published and is neither
patched nor refreshed, nor deleted while there are others; further endpoints keep their own model.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from skyloom.core.access import secret_digest
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference, DatasetVersion
from skyloom.core.endpoint import (
    DEFAULT,
    LOW_CALLS,
    MOST_CALLS,
    Bound,
    Endpoint,
    WebService,
    is_endpoint_name,
    is_service_id,
    new_endpoint_key,
    new_service_id,
    resources_of,
)
from skyloom.core.graph import DataNode, Graph, Node, PortRef
from skyloom.core.identity import Digest, RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import Run
from skyloom.core.score_script import SCHEMAS
from skyloom.core.serialize import graph_digest
from skyloom.core.web_services_api import EndpointWish, Publication
from skyloom.core.workspace_api import Submission
from skyloom.engine.ports import Datasets, OpenService, RunRecords, ServiceRunner, utc_now
from skyloom.engine.web_ports import Endpoints
from skyloom.workspace.score_schema import declared_by_script

_log = logging.getLogger("skyloom.services")
FOLLOW_S = 2.0  # where several agents share a database
MOST_OPEN = 32  # services with warm workers; the one that was not called for longest is closed first


@dataclass(frozen=True)
class OpenEndpoint:
    """An endpoint with its workers warm."""

    endpoint: Endpoint
    service: OpenService


class WebServices:
    """Implements WebServicesApi.

    Parameters
    ----------
    check
        The frozen graph of a document; raises ProblemError with all that is wrong with it.
    follow_s
        How often to look for what other agents changed; 0 where there can be no others.
    on_open
        Told of each endpoint that was opened, or could not be.
    """

    def __init__(
        self,
        kept: Endpoints,
        runner: ServiceRunner,
        records: RunRecords,
        datasets: Datasets,
        check: Callable[[Submission], Graph],
        now: Callable[[], str] = utc_now,
        follow_s: float = 0.0,
        on_open: Callable[[Endpoint, ProblemError | None], None] = lambda endpoint, error: None,
    ) -> None:
        self._kept = kept
        self._runner = runner
        self._records = records
        self._datasets = datasets
        self._check = check
        self._now = now
        self._change = threading.Lock()
        self._open: OrderedDict[str, OpenEndpoint] = OrderedDict()
        self._opening: dict[str, threading.Lock] = {}
        self._follow_s = follow_s
        self._on_open = on_open
        self._ending = threading.Event()
        self._follower: threading.Thread | None = None

    # --- services ---------------------------------------------------------------------------------------

    def publish(self, wish: Publication) -> tuple[WebService, Endpoint]:
        if wish.service and not is_service_id(wish.service):
            raise _refused("W161", "A service's id is 32 hexadecimal digits.", wish.service)
        graph, bound = self._published(wish)
        if wish.new_port_names:
            graph = _with_new_port_names(graph)
        known = self._kept.service(wish.service) if wish.service else None
        if known is not None:
            return self._republish(known, wish, graph, bound)
        name = wish.name.strip()
        if not name:
            raise _refused("W161", "A web service needs a name.", "name")
        service = WebService(wish.service or new_service_id(), name, self._now(), wish.description)
        first = Endpoint(
            new_service_id(),
            service.id,
            DEFAULT,
            self._now(),
            graph,
            new_endpoint_key(),
            new_endpoint_key(),
            bound=bound,
            schemas=wish.schemas,
            environment=wish.environment,
        )
        first, opened = self._tried(first)
        try:
            self._kept.add_service(service, first)
        except BaseException:
            opened.close()
            raise
        self._keep_open(OpenEndpoint(first, opened))
        return service, first

    def services(self) -> list[WebService]:
        return self._kept.services()

    def service(self, service: str) -> WebService:
        found = self._kept.service(service)
        if found is None:
            raise _missing_service(service)
        return found

    def delete_service(self, service: str) -> None:
        gone = self._kept.endpoints(service)
        if not self._kept.delete_service(service):
            raise _missing_service(service)
        for endpoint in gone:
            self._close(endpoint.id)

    # --- endpoints --------------------------------------------------------------------------------------

    def endpoints(self, service: str) -> list[Endpoint]:
        self.service(service)
        return self._kept.endpoints(service)

    def endpoint(self, service: str, name: str) -> Endpoint:
        found = self._kept.endpoint(service, name)
        if found is None:
            self.service(service)
            raise _missing_endpoint(name)
        return found

    def endpoint_by_id(self, endpoint: str) -> Endpoint:
        found = self._kept.endpoint_by_id(endpoint)
        if found is None:
            raise _missing_endpoint(endpoint)
        return found

    def endpoint_of_key(self, key: str) -> Endpoint | None:
        """The endpoint that a key belongs to."""
        found = self._kept.endpoint_by_key(secret_digest(key))
        return found if found is not None and found.fits(key) else None

    def put_endpoint(self, service: str, name: str, wish: EndpointWish) -> Endpoint:
        self.service(service)
        if not is_endpoint_name(name):
            raise _refused("W151", "An endpoint's name is 1 to 24 of a-z and 0-9.", name)
        found = self._kept.endpoint(service, name)
        if found is not None:
            return self._changed(found, _wished(found, wish))
        first = self.endpoint(service, DEFAULT)
        made = replace(
            first,
            id=new_service_id(),
            name=name,
            created_at=self._now(),
            primary_key=new_endpoint_key(),
            secondary_key=new_endpoint_key(),
            version=1,
            description="",
            throttle_level="Low",
            max_concurrent_calls=LOW_CALLS,
            prevent_update=False,
        )
        made = _wished(made, wish)
        if not self._kept.add_endpoint(made):
            raise _refused("W152", f"The service has an endpoint '{name}' already.", name)
        return made

    def delete_endpoint(self, service: str, name: str) -> None:
        found = self.endpoint(service, name)
        if found.is_default:
            if len(self._kept.endpoints(service)) > 1:
                raise _of_default("deleted while the service has others")
            self.delete_service(service)
            return
        self._kept.delete_endpoint(found.id)
        self._close(found.id)

    def patch_endpoint(self, service: str, name: str, resources: Mapping[str, Artifact]) -> Endpoint:
        found = self.endpoint(service, name)
        if found.is_default:
            raise _of_default("patched; add an endpoint and patch that")
        if found.prevent_update:
            raise _refused("W152", f"The endpoint '{name}' is set to prevent updates.", name)
        known = {resource.name: resource for resource in resources_of(found.graph)}
        nodes: dict[str, Node] = {str(node.id): node for node in found.graph.nodes}
        for wanted, content in resources.items():
            resource = known.get(wanted)
            if resource is None:
                names = ", ".join(known) or "none"
                raise _refused("W153", f"The endpoint has no resource '{wanted}'. It has: {names}.", wanted)
            if content.type != resource.type:
                raise _refused(
                    "W154", f"'{wanted}' is a {resource.type}, the new content a {content.type}.", wanted
                )
            node = nodes[str(resource.node)]
            assert isinstance(node, DataNode)
            nodes[str(node.id)] = replace(node, data=DataReference(ARTIFACT_STORE, content.digest))
        graph = replace(found.graph, nodes=tuple(nodes.values()))
        return self._changed(found, replace(found, graph=graph, bound=_still_bound(graph, found.bound)))

    def refresh_endpoint(self, service: str, name: str, overwrite_resources: bool) -> Endpoint | None:
        found, first = self.endpoint(service, name), self.endpoint(service, DEFAULT)
        if found.is_default:
            raise _of_default("refreshed; it is what others are refreshed from")
        if found.prevent_update:
            raise _refused("W152", f"The endpoint '{name}' is set to prevent updates.", name)
        graph = first.graph if overwrite_resources else _with_resources_of(found.graph, first.graph)
        if graph_digest(graph) == graph_digest(found.graph) and first.bound == found.bound:
            return None
        return self._changed(
            found,
            replace(
                found,
                graph=graph,
                bound=first.bound,
                schemas=first.schemas,
                inputs=first.inputs,
                outputs=first.outputs,
                score=first.score,
                environment=first.environment,
            ),
        )

    def regenerate_key(self, service: str, name: str, which: str) -> Endpoint:
        found, key = self.endpoint(service, name), new_endpoint_key()
        if which.lower() not in ("primary", "secondary"):
            raise _refused("W121", "An endpoint has a Primary and a Secondary key.", which)
        is_primary = which.lower() == "primary"
        fresh = replace(found, primary_key=key) if is_primary else replace(found, secondary_key=key)
        return self._changed(found, fresh)

    # --- services that are open -------------------------------------------------------------------------

    def opened_now(self, endpoint: str) -> OpenEndpoint | None:
        """The endpoint if its workers are warm: a look into a table, for the event loop."""
        found = self._open.get(endpoint)
        if found is not None and len(self._open) > MOST_OPEN // 2:
            with self._change:
                if endpoint in self._open:
                    self._open.move_to_end(endpoint)
        return found

    def opened(self, endpoint: str) -> OpenEndpoint:
        """The endpoint with its workers warm; blocking, and once for all who wait.

        Raises
        ------
        ProblemError
            W110; what keeps the graph from being a service.
        """
        with self._turn(endpoint):
            found = self._open.get(endpoint)
            if found is None:
                kept = self.endpoint_by_id(endpoint)
                found = OpenEndpoint(kept, self._opened(kept))
                self._keep_open(found)
            return found

    def follow(self) -> None:
        """Bring what is open here to what other agents made of it: opened anew where it changed, or ended.

        Callers see no gap: the fresh workers are there before the old ones end.
        """
        here = dict(self._open)
        versions = self._kept.versions(here.keys())
        for name, found in here.items():
            version = versions.get(name)
            if version is None:
                self._close(name)
            elif version != found.endpoint.version:
                with self._turn(name):
                    now = self._open.get(name)
                    if now is not None and now.endpoint.version != version:
                        self._take_over(now)

    def _take_over(self, found: OpenEndpoint) -> None:
        fresh = self._kept.endpoint_by_id(found.endpoint.id)
        if fresh is None:
            self._close(found.endpoint.id)
        elif fresh.opening() == found.endpoint.opening():  # keys and words only
            self._keep_open(OpenEndpoint(fresh, found.service))
        else:
            self._keep_open(OpenEndpoint(fresh, self._opened(fresh)))

    def _turn(self, endpoint: str) -> threading.Lock:
        """Who opens an endpoint does so alone."""
        with self._change:
            return self._opening.setdefault(endpoint, threading.Lock())

    def _follow_for_ever(self) -> None:
        while not self._ending.wait(self._follow_s):
            try:
                self.follow()
            except ProblemError as error:  # what it serves is served on; it is tried again
                _log.warning("what other agents changed could not be taken over: %s", error)

    def close(self) -> None:
        """Close all that is open."""
        self._ending.set()
        for endpoint in list(self._open):
            self._close(endpoint)

    @property
    def open_count(self) -> int:
        return len(self._open)

    # --- inside -----------------------------------------------------------------------------------------

    def _published(self, wish: Publication) -> tuple[Graph, tuple[Bound, ...]]:
        if wish.run:
            run = self._records.load(RunId(wish.run))
            graph = self._records.graph(run.graph) if run else None
            if run is None or graph is None:
                raise _refused("R001", f"There is no run '{wish.run}'.", wish.run)
            return self._fixed(graph), _bound_of(run)
        if wish.document is None:
            raise _refused("W161", "A publication names a run or holds a graph document.", "document")
        return self._fixed(self._check(Submission(wish.document))), ()

    def _fixed(self, graph: Graph) -> Graph:
        """Datasets by their content: a service outlives the deletion of a dataset."""
        nodes: list[Node] = []
        for node in graph.nodes:
            if isinstance(node, DataNode) and isinstance(node.data, DatasetVersion):
                dataset = self._datasets.find(node.data)
                if dataset is None:
                    raise _refused("D060", f"There is no dataset '{node.data.name}'.", node.data.name)
                data = DataReference(ARTIFACT_STORE, dataset.artifact.digest)
                node = replace(node, data=data, title=node.title or dataset.name, type=dataset.artifact.type)
            nodes.append(node)
        return replace(graph, nodes=tuple(nodes))

    def _republish(
        self, known: WebService, wish: Publication, graph: Graph, bound: tuple[Bound, ...]
    ) -> tuple[WebService, Endpoint]:
        service = replace(
            known, name=wish.name or known.name, description=wish.description or known.description
        )
        found = self.endpoint(known.id, DEFAULT)
        fresh = replace(found, graph=graph, bound=bound, schemas=wish.schemas, environment=wish.environment)
        changed = self._changed(found, fresh)
        if service != known:
            self._kept.change_service(service)
        return service, changed

    def _changed(self, found: Endpoint, fresh: Endpoint) -> Endpoint:
        """Keep ``fresh`` in place of ``found``. What is served anew is opened first: callers see no gap."""
        fresh = replace(fresh, version=found.version + 1)
        is_served_anew = fresh.opening() != found.opening()
        opened = self._open.get(found.id)
        if is_served_anew:
            fresh, service = self._tried(fresh)
        elif opened is not None:
            service = opened.service
        if not self._kept.change_endpoint(fresh, found.version):
            if is_served_anew:
                service.close()
            raise _refused("W155", "Somebody else changed the endpoint meanwhile.", fresh.name)
        if is_served_anew or opened is not None:
            self._keep_open(OpenEndpoint(fresh, service))
        return fresh

    def _tried(self, endpoint: Endpoint) -> tuple[Endpoint, OpenService]:
        """The endpoint with the columns that its service tells, and that service, open."""
        opened = self._opened(endpoint)
        schema = opened.schema
        try:
            score = declared_by_script(opened) if dict(endpoint.schemas) == SCHEMAS else None
        except BaseException:
            opened.close()
            raise
        inputs, outputs = dict(schema.inputs), dict(schema.outputs)
        return replace(endpoint, inputs=inputs, outputs=outputs, score=score), opened

    def _opened(self, endpoint: Endpoint) -> OpenService:
        try:
            opened = self._runner.open(endpoint.opening())
        except ProblemError as error:
            self._on_open(endpoint, error)
            raise
        self._on_open(endpoint, None)
        return opened

    def _keep_open(self, fresh: OpenEndpoint) -> None:
        closing: list[OpenEndpoint] = []
        with self._change:
            before = self._open.get(fresh.endpoint.id)
            if before is not None and before.service is not fresh.service:
                closing.append(before)
            self._open[fresh.endpoint.id] = fresh
            self._open.move_to_end(fresh.endpoint.id)
            while len(self._open) > MOST_OPEN:
                closing.append(self._open.popitem(last=False)[1])
        for old in closing:
            old.service.close()
        if self._follow_s and self._follower is None:
            self._follower = threading.Thread(target=self._follow_for_ever, name="follow", daemon=True)
            self._follower.start()

    def _close(self, endpoint: str) -> None:
        with self._change:
            found = self._open.pop(endpoint, None)
        if found is not None:
            found.service.close()


def _with_new_port_names(graph: Graph) -> Graph:
    inputs = (replace(port, name=f"input{number}") for number, port in enumerate(graph.inputs, 1))
    outputs = (replace(port, name=f"output{number}") for number, port in enumerate(graph.outputs, 1))
    return replace(graph, inputs=tuple(inputs), outputs=tuple(outputs))


def _bound_of(run: Run) -> tuple[Bound, ...]:
    return tuple(
        Bound(PortRef(node.node, port), artifact)
        for node in run.nodes
        for port, artifact in sorted(node.outputs.items())
    )


def _still_bound(graph: Graph, bound: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """Without what depends on data nodes: one of them was replaced."""
    dependent = {node.id for node in graph.nodes if graph.predecessors().get(node.id)}
    return tuple(one for one in bound if one.port.node not in dependent)


def _with_resources_of(own: Graph, graph: Graph) -> Graph:
    """A graph with the models and transforms that another one holds under the same names."""
    kept: dict[str, Digest] = {}
    for resource in resources_of(own):
        node = own.node(resource.node)
        if isinstance(node, DataNode) and isinstance(node.data, DataReference):
            kept[resource.name] = Digest(node.data.path)
    replaced = {
        resource.node: kept[resource.name] for resource in resources_of(graph) if resource.name in kept
    }
    nodes = tuple(
        replace(node, data=DataReference(ARTIFACT_STORE, replaced[node.id]))
        if isinstance(node, DataNode) and node.id in replaced
        else node
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes)


def _wished(endpoint: Endpoint, wish: EndpointWish) -> Endpoint:
    """The endpoint as it is wished; Low is always 4 calls, High 1 to 200 (services.md 1.5).

    Raises
    ------
    ProblemError
        W121.
    """
    level = wish.throttle_level or endpoint.throttle_level
    calls = wish.max_concurrent_calls
    if calls is None:
        calls = endpoint.max_concurrent_calls
    if level == "Low":
        calls = LOW_CALLS
    if not 1 <= calls <= MOST_CALLS:
        raise _refused("W121", f"MaxConcurrentCalls is 1 to {MOST_CALLS}, not {calls}.", "MaxConcurrentCalls")
    return replace(
        endpoint,
        throttle_level=level,
        max_concurrent_calls=calls,
        description=endpoint.description if wish.description is None else wish.description,
        prevent_update=endpoint.prevent_update if wish.prevent_update is None else wish.prevent_update,
        trace_level=wish.trace_level or endpoint.trace_level,
    )


def _missing_service(service: str) -> ProblemError:
    return _refused("W111", f"There is no web service '{service}'.", service)


def _missing_endpoint(endpoint: str) -> ProblemError:
    return _refused("W110", f"There is no endpoint '{endpoint}'.", endpoint)


def _of_default(what: str) -> ProblemError:
    return _refused("W150", f"The default endpoint cannot be {what}.", DEFAULT)


def _refused(code: str, message: str, where: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, "'skyloom endpoint list' shows what there is."))
