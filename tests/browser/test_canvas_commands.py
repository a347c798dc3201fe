"""The menus of boxes and ports: disable, comment, debug, keep by type, look at models, take a graph away."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .filled import run_to_its_end
from .studio import Studio
from .visitor import Visitor

CSV = "x,y,kind\n" + "".join(
    f"{place},{place * 7 % 13},{'abc'[place // 20]}\n" for place in range(60)
)  # three kinds, told by x alone
COLUMN = {"Label column": ["kind"]}


def _graph() -> dict[str, Any]:
    nodes: dict[str, Any] = {
        "kinds": {"dataset": "kinds", "position": [0, 0]},
        "learner": {"module": "Multiclass Logistic Regression", "position": [280, 0]},
        "train": {
            "module": "Train Model",
            "parameters": COLUMN,
            "inputs": {"Untrained model": "learner", "Dataset": "kinds"},
            "position": [140, 120],
        },
        "score": {
            "module": "Score Model",
            "inputs": {"Trained model": "train", "Dataset": "kinds"},
            "position": [140, 240],
        },
        "evaluate": {
            "module": "Evaluate Model",
            "inputs": {"Scored dataset": "score"},
            "position": [140, 360],
        },
    }
    return {"schema_version": 1, "name": "Three kinds", "nodes": nodes}


def _box(page: Page, node: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{node}"]')


def _choose(page: Page, node: str, item: str) -> None:
    _box(page, node).click(button="right")
    page.get_by_role("menuitem", name=re.compile(f"^{item}")).click()  # its key follows


def _choose_at_port(page: Page, node: str, item: str) -> None:
    _box(page, node).locator(".port.source").first.click(button="right")
    page.get_by_role("menuitem", name=item, exact=True).click()


def _run(page: Page, done: int) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(done, timeout=60_000)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=60_000)


@pytest.fixture(scope="module")
def made(studio: Studio) -> None:
    artifact = studio.ask("PUT", "/artifacts?name=kinds.csv", CSV.encode())
    studio.ask("POST", "/datasets", {"name": "kinds", "artifact": artifact})
    studio.ask("POST", "/experiments", {"document": _graph()})


@pytest.fixture
def experiment(studio: Studio, made: None) -> str:
    """The newest version: an edit of one that was run is another."""
    all_of_them = studio.ask("GET", "/experiments")["experiments"]
    return next(str(one["id"]) for one in all_of_them if one["name"] == "Three kinds")


@pytest.fixture
def ran(studio: Studio, experiment: str) -> str:
    """The newest version, run to its end."""
    return run_to_its_end(studio, experiment)[0]


def test_a_branch_is_disabled_and_enabled_again(visitor: Visitor, experiment: str) -> None:
    page = visitor.page
    visitor.goes(f"/experiments/{experiment}")
    _choose(page, "score", "Disable")
    expect(_box(page, "score").locator(".box.disabled")).to_be_visible()
    _run(page, 2)
    expect(_box(page, "evaluate").locator(".box.skipped")).to_be_visible()
    visitor.picture("disabled")
    _choose(page, "score", "Enable")
    expect(_box(page, "score").locator(".box.disabled")).to_have_count(0)
    _run(page, 4)
    expect(_box(page, "train").locator(".box.reused")).to_be_visible()


def test_a_comment_is_written_from_the_menu_and_changes_no_result(visitor: Visitor, ran: str) -> None:
    page = visitor.page
    visitor.goes(f"/experiments/{ran}")
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(4)
    _choose(page, "train", "Edit comment")
    expect(page.locator("[data-field=comment]")).to_be_focused()  # a frame later than the choice
    page.keyboard.type("by x alone")
    expect(_box(page, "train")).to_contain_text("by x alone")
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(4)


def test_a_model_is_looked_at_and_kept(visitor: Visitor, ran: str) -> None:
    page = visitor.page
    visitor.goes(f"/experiments/{ran}")
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(4)
    _choose_at_port(page, "train", "Visualize")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("columnheader", name="b", exact=True)).to_be_visible(timeout=30_000)
    expect(dialog.get_by_role("rowheader", name="x", exact=True)).to_be_visible()
    visitor.picture("model")
    assert not visitor.accessibility_faults()
    page.keyboard.press("Escape")
    _choose_at_port(page, "train", "Save as trained model…")
    page.get_by_role("dialog").get_by_label("Name").fill("kinds model")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("dialog").wait_for(state="detached")
    _box(page, "kinds").click()


def test_several_classes_are_evaluated(visitor: Visitor, ran: str) -> None:
    page = visitor.page
    visitor.goes(f"/experiments/{ran}")
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(4)
    _choose_at_port(page, "evaluate", "Visualize")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("One class against all others")).to_be_visible()
    dialog.get_by_label("One class against all others").select_option("c")
    expect(dialog.get_by_role("img", name="ROC")).to_be_visible()
    matrix = dialog.locator("table.matrix.classes")
    expect(matrix.locator("tbody tr")).to_have_count(4)
    visitor.picture("evaluation-classes")
    assert not visitor.accessibility_faults()


def test_the_program_of_an_experiment_takes_over_every_result(
    visitor: Visitor, studio: Studio, ran: str, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.goes(f"/experiments/{ran}")
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(4)
    for item, name in (("Python program", "three.py"), ("graph file (YAML)", "three.yaml")):
        page.get_by_role("button", name="More", exact=False).first.click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=f"Download as {item}").click()
        download.value.save_as(tmp_path / name)
    environ = {"SKYLOOM_HOME": str(studio.skyloom.home), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "three.py"], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    newest = studio.ask("GET", "/runs?limit=1")["runs"][0]
    nodes = studio.ask("GET", f"/runs/{newest['id']}")["nodes"]
    assert newest["origin"] == "sdk" and len(nodes) == 4
    assert all(node["reused_from"] for node in nodes)
    # and the graph file opens again as an experiment
    visitor.goes("/experiments")
    text = (tmp_path / "three.yaml").read_text("utf-8").replace("name: Three kinds", "name: Three again")
    (tmp_path / "again.yaml").write_text(text, "utf-8")
    page.locator('input[type="file"]').set_input_files(tmp_path / "again.yaml")
    page.wait_for_url("**/experiments/*")
    expect(page.locator("#canvas .box")).to_have_count(5)


def test_a_port_offers_the_command_that_debugs_its_module(visitor: Visitor, studio: Studio) -> None:
    script = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"
    node = {
        "module": "Execute Python Script",
        "parameters": {"Python Script": script},
        "inputs": {"Dataset1": "k"},
    }
    nodes = {"k": {"dataset": "kinds"}, "it's": node}
    made = studio.ask(
        "POST", "/experiments", {"document": {"schema_version": 1, "name": "D", "nodes": nodes}}
    )
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.address)
    visitor.goes(f"/experiments/{made['id']}")
    _run(page, 1)
    _choose(page, "it's", "Copy the debug command")
    run = studio.ask("GET", "/runs?limit=1")["runs"][0]["id"]
    expect(page.get_by_role("status").filter(has_text="clipboard")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == f"skyloom debug {run} 'it'\\''s'"
