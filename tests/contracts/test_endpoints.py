"""What every store of web services and endpoints promises (engine/web_ports.py)."""

from __future__ import annotations

from dataclasses import replace

from skyloom.core.access import secret_digest
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference
from skyloom.core.endpoint import Bound, Endpoint, WebService, new_endpoint_key
from skyloom.core.graph import DataNode, PortRef
from skyloom.core.identity import NodeId
from skyloom.core.service import ServiceColumn
from tests.contracts.rooms import artifact, chain
from tests.contracts.web_rooms import WebRoom

SERVICE = WebService("a" * 32, "Adult income", "2024-05-01T10:00:00.000Z", "predicts")


def an_endpoint(number: int = 1, name: str = "default", **fields: object) -> Endpoint:
    graph = chain()
    content = artifact("model", kind="ILearner")
    model = DataNode(NodeId("model"), DataReference(ARTIFACT_STORE, content.digest), "ILearner", "Tree")
    made = Endpoint(
        f"{number:032x}",
        SERVICE.id,
        name,
        "2024-05-01T10:00:00.000Z",
        replace(graph, nodes=(*graph.nodes, model)),
        new_endpoint_key(),
        new_endpoint_key(),
        bound=(Bound(PortRef(NodeId("n0"), "Result dataset"), artifact("kept")),),
        schemas={"input1": (ServiceColumn("age", "Integer"),)},
        inputs={"input1": (ServiceColumn("sex", "Categorical", ("f", "m")),), "input2": None},
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def test_a_service_and_its_endpoint_read_back_as_they_were(web: WebRoom) -> None:
    first = an_endpoint()
    web.endpoints.add_service(SERVICE, first)
    web.reopen()
    assert web.endpoints.service(SERVICE.id) == SERVICE
    assert web.endpoints.services() == [SERVICE]
    assert web.endpoints.endpoint(SERVICE.id, "default") == first
    assert web.endpoints.endpoint_by_id(first.id) == first
    assert web.endpoints.service("nobody") is None
    assert web.endpoints.endpoint(SERVICE.id, "nobody") is None


def test_an_endpoint_is_found_by_either_key(web: WebRoom) -> None:
    first = an_endpoint()
    web.endpoints.add_service(SERVICE, first)
    for key in (first.primary_key, first.secondary_key):
        assert web.endpoints.endpoint_by_key(secret_digest(key)) == first
    fresh = replace(first, primary_key=new_endpoint_key(), version=2)
    assert web.endpoints.change_endpoint(fresh, 1)
    assert web.endpoints.endpoint_by_key(secret_digest(first.primary_key)) is None
    assert web.endpoints.endpoint_by_key(secret_digest(fresh.primary_key)) == fresh


def test_the_default_endpoint_is_listed_first(web: WebRoom) -> None:
    web.endpoints.add_service(SERVICE, an_endpoint())
    assert web.endpoints.add_endpoint(an_endpoint(2, "zebra"))
    assert web.endpoints.add_endpoint(an_endpoint(3, "aardvark"))
    assert [one.name for one in web.endpoints.endpoints(SERVICE.id)] == ["default", "aardvark", "zebra"]


def test_a_name_is_given_once_and_to_services_that_exist(web: WebRoom) -> None:
    web.endpoints.add_service(SERVICE, an_endpoint())
    assert web.endpoints.add_endpoint(an_endpoint(2, "one"))
    assert not web.endpoints.add_endpoint(an_endpoint(3, "one"))
    assert not web.endpoints.add_endpoint(an_endpoint(4, "two", service="b" * 32))


def test_a_change_needs_the_version_before_it(web: WebRoom) -> None:
    first = an_endpoint()
    web.endpoints.add_service(SERVICE, first)
    second = replace(first, version=2, description="new")
    assert web.endpoints.change_endpoint(second, 1)
    assert not web.endpoints.change_endpoint(replace(first, version=2), 1)
    assert not web.endpoints.change_endpoint(an_endpoint(9), 1)
    assert web.endpoints.endpoint_by_id(first.id) == second


def test_versions_are_told_of_those_that_are_there(web: WebRoom) -> None:
    web.endpoints.add_service(SERVICE, an_endpoint())
    assert web.endpoints.versions([an_endpoint().id, "f" * 32]) == {an_endpoint().id: 1}
    assert web.endpoints.versions([]) == {}


def test_a_service_goes_with_all_its_endpoints(web: WebRoom) -> None:
    web.endpoints.add_service(SERVICE, an_endpoint())
    web.endpoints.add_endpoint(an_endpoint(2, "one"))
    assert web.endpoints.delete_service(SERVICE.id)
    assert not web.endpoints.delete_service(SERVICE.id)
    assert web.endpoints.services() == []
    assert web.endpoints.endpoint_by_id(an_endpoint(2).id) is None


def test_content_that_an_endpoint_names_is_in_use(web: WebRoom) -> None:
    if web.room.database is None:
        return  # artifacts in memory are never swept
    endpoint = an_endpoint()
    web.endpoints.add_service(SERVICE, endpoint)
    assert {artifact("model").digest, artifact("kept").digest} <= web.room.records.artifacts_in_use()
    later = replace(endpoint, version=2, bound=(Bound(PortRef(NodeId("n0"), "x"), artifact("later")),))
    web.endpoints.change_endpoint(later, 1)
    assert artifact("later").digest in web.room.records.artifacts_in_use()
