"""The page on Ray: its states, codes and keywords are the code's, and its Python creates such a target."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from skyloom.core.codes import CODES
from skyloom.core.node_pool import NodeState, pool_settings
from skyloom.sdk.compute import AmlCompute

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ray.md").read_text(encoding="utf-8")


def test_every_state_of_a_node_is_named_and_no_other() -> None:
    line = PAGE[PAGE.index("`nodeState` is") : PAGE.index("A node that was lost stays")]
    assert set(re.findall(r"`([a-z]+)`", line)) - {"lowpriority"} == {str(state) for state in NodeState}


def test_codes_that_the_page_names_are_codes() -> None:
    assert {"C140", "C142", "C144"} <= set(re.findall(r"\bC1\d\d\b", PAGE)) <= CODES.keys()


def test_its_settings_make_the_pools_that_it_says() -> None:
    found = []
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("provisioning_configuration"):
                words = {word.arg or "": ast.literal_eval(word.value) for word in node.keywords}
                body = vars(AmlCompute.provisioning_configuration(**words))
                found.append(pool_settings({**body, "type": "AmlCompute"}))
    here, elsewhere = found
    assert here is not None and elsewhere is not None
    assert (here.provider, here.max_nodes, here.idle_s, here.address) == ("ray", 2, 120.0, "")
    assert (elsewhere.provider, elsewhere.exchange) == ("ray", "shared_blobs")
    assert elsewhere.address.startswith("ray://")


def test_every_setting_of_its_table_is_one() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    words = {word.partition("=")[0] for row in rows for word in re.findall(r"`([^`]+)`", row)}
    config = vars(AmlCompute.provisioning_configuration(vm_size="x"))
    assert words and words <= config.keys()
