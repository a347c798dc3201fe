from __future__ import annotations

import pytest

from skyloom.core.identity import NodeId, RunId, step_run_id
from skyloom.sdk.compute import AmlCompute, ComputeTarget
from skyloom.sdk.compute_outside import DatabricksCompute
from skyloom.sdk.exceptions import ComputeTargetException, UserErrorException
from skyloom.sdk.workspace import Workspace


def test_a_target_is_found_again_in_exactly_its_class(ws: Workspace) -> None:
    """sdk.md 21, traps 4 and 18."""
    with pytest.raises(ComputeTargetException, match="ComputeTargetNotFound"):
        ComputeTarget(workspace=ws, name="aml-compute")
    config = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", min_nodes="1", max_nodes="4")
    made = ComputeTarget.create(ws, "aml-compute", config)
    made.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)
    found = ws.compute_targets["aml-compute"]
    assert type(found) is AmlCompute and found.type == "AmlCompute"
    assert found.status.serialize()["scaleSettings"]["maxNodeCount"] == 4
    found.delete()
    assert "aml-compute" not in ws.compute_targets


def test_a_pool_tells_the_truth(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """sdk.md 8: nodes by state, numbers, and what changed."""
    config = AmlCompute.provisioning_configuration(
        vm_size="STANDARD_NC6", min_nodes=1, max_nodes=4, idle_seconds_before_scaledown="60"
    )
    pool = ComputeTarget.create(ws, "cpu", config)
    assert isinstance(pool, AmlCompute)
    pools = ws._api.pools  # type: ignore[attr-defined]
    lease = pools.take("cpu", RunId("run"), NodeId("train"), lambda: None)
    lease.begin()
    told = pool.status.serialize()
    assert told["currentNodeCount"] == told["targetNodeCount"] == 1
    assert told["nodeStateCounts"]["runningNodeCount"] == 1 and told["nodeStateCounts"]["idleNodeCount"] == 0
    assert told["scaleSettings"] == {
        "minNodeCount": 1, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT60S"
    }  # fmt: skip
    assert (told["allocationState"], told["provisioningState"]) == ("Steady", "Succeeded")
    assert (told["vmSize"], told["vmPriority"], told["errors"]) == ("STANDARD_NC6", "dedicated", None)
    assert pool.list_nodes()[0]["nodeState"] == "running"
    assert pool.list_nodes()[0]["runId"] == step_run_id(RunId("run"), NodeId("train"))
    lease.release()
    assert pool.get_status().node_state_counts.idle_node_count == 1  # type: ignore[attr-defined]
    pool.update(min_nodes="2", max_nodes="2", idle_seconds_before_scaledown=5)
    assert pool.scale_settings.minimum_node_count == 2  # type: ignore[attr-defined]
    assert ComputeTarget(ws, "cpu").status.serialize()["currentNodeCount"] == 2
    pool.wait_for_completion(show_output=True, min_node_count=3)
    assert "2 of 3" in capsys.readouterr().out
    with pytest.raises(ComputeTargetException, match="min_nodes"):
        pool.update(max_nodes=1)
    pool.delete()
    with pytest.raises(ComputeTargetException, match="ComputeTargetNotFound"):
        pool.get_status()


def test_sizes_are_listed(ws: Workspace) -> None:
    sizes = {size["name"].upper(): size for size in AmlCompute.supported_vmsizes(ws)}
    assert sizes["STANDARD_NC6"]["gpus"] == 1 and sizes["STANDARD_D2_V2"]["vCPUs"] == 2


def test_what_makes_no_sense_is_told(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ComputeTargetException, match="min_nodes"):
        AmlCompute.provisioning_configuration(min_nodes=3, max_nodes=2)
    with pytest.raises(ComputeTargetException, match="vm_priority"):
        AmlCompute.provisioning_configuration(vm_priority="cheap")
    config = DatabricksCompute.attach_configuration("group", "name", access_token="secret")
    with pytest.raises(UserErrorException, match="reserved"):
        ComputeTarget.attach(ws, "local", config)
    monkeypatch.setenv("AZUREML_RUN_ID", "inside")
    with pytest.raises(ComputeTargetException, match="Resource Provider"):
        ComputeTarget.attach(ws, "bricks", config)


def test_a_token_is_no_fact_that_is_told(ws: Workspace) -> None:
    ComputeTarget.attach(
        ws, "bricks", DatabricksCompute.attach_configuration("group", "name", access_token="secret-token")
    )
    assert "secret-token" not in str(ws._api.facts())
    assert type(ComputeTarget(ws, "bricks")) is DatabricksCompute
