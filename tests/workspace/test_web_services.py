"""Two agents on one database: what one changes, the other serves too (docs/web-services.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.endpoint import Endpoint
from skyloom.core.graph_file import graph_from_document
from skyloom.core.identity import Json
from skyloom.core.web_services_api import EndpointWish, Publication
from skyloom.modules.catalogue import ModuleCatalogue
from skyloom.stores.memory import MemoryDatasets, MemoryRunRecords
from skyloom.stores.memory_endpoints import MemoryEndpoints
from skyloom.workspace.web_services import WebServices
from tests.server.memory_runner import MemoryRunner, MemoryService
from tests.server.memory_workspace import SCRIPT
from tests.server.test_webservices import DOCUMENT


class Agents:
    """Two of them, and a service that both hold open."""

    def __init__(self) -> None:
        kept, datasets = MemoryEndpoints(), MemoryDatasets()
        catalogue = ModuleCatalogue((SCRIPT,))

        def agent() -> tuple[WebServices, MemoryRunner]:
            runner = MemoryRunner()
            check = lambda submission: graph_from_document(submission.document, catalogue)[0]  # noqa: E731
            return WebServices(kept, runner, MemoryRunRecords(datasets), datasets, check), runner

        self.one, _ = agent()
        self.other, self.runner = agent()
        self.service, self.endpoint = self.one.publish(Publication("Echo", document=DOCUMENT))
        self.other.opened(self.endpoint.id)

    @property
    def held(self) -> tuple[Endpoint, MemoryService]:
        """What the other agent serves."""
        found = self.other.opened_now(self.endpoint.id)
        assert found is not None and isinstance(found.service, MemoryService)
        return found.endpoint, found.service


@pytest.fixture
def agents(tmp_path: Path) -> Agents:
    return Agents()


def test_nothing_is_opened_anew_while_nothing_changed(agents: Agents) -> None:
    before = agents.held
    agents.other.follow()
    assert agents.held == before and len(agents.runner.opened) == 1


def test_a_new_graph_is_opened_before_the_old_one_ends(agents: Agents) -> None:
    _, old = agents.held
    assert isinstance(DOCUMENT, dict)
    document: Json = {**DOCUMENT, "outputs": {"renamed": "a"}}
    agents.one.publish(Publication("Echo", document=document, service=agents.service.id))
    agents.other.follow()
    endpoint, fresh = agents.held
    assert [port.name for port in endpoint.graph.outputs] == ["renamed"]
    assert (fresh.is_closed, old.is_closed) == (False, True)


def test_a_new_key_counts_and_the_workers_stay(agents: Agents) -> None:
    _, before = agents.held
    old = agents.endpoint.primary_key
    agents.one.regenerate_key(agents.service.id, "default", "Primary")
    agents.other.follow()
    endpoint, service = agents.held
    assert not endpoint.fits(old) and service is before and not before.is_closed


def test_an_endpoint_that_is_gone_is_closed(agents: Agents) -> None:
    _, service = agents.held
    agents.one.delete_service(agents.service.id)
    agents.other.follow()
    assert agents.other.opened_now(agents.endpoint.id) is None and service.is_closed


def test_other_limits_are_taken_over(agents: Agents) -> None:
    wish = EndpointWish(throttle_level="High", max_concurrent_calls=7)
    agents.one.put_endpoint(agents.service.id, "default", wish)
    agents.other.follow()
    assert agents.held[0].max_concurrent_calls == 7
