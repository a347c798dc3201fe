"""Story (b): two models compared by their curves, one published, called from the page and by its code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from .studio import Studio
from .visitor import Visitor

LEARNERS = {"plain": "Two-Class Logistic Regression", "boosted": "Two-Class Boosted Decision Tree"}


def _said(words: list[str], code: str = "") -> str:
    done = subprocess.run(words, input=code, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def _r(code: str, folder: Path) -> str | None:
    needs = 'quit(status = !all(sapply(c("httr", "jsonlite"), requireNamespace, quietly = TRUE)))'
    if shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", needs], timeout=60).returncode:
        return None
    (folder / "call.R").write_text(code, encoding="utf-8")
    return _said(["Rscript", str(folder / "call.R")])


def _c_sharp(code: str, folder: Path) -> str | None:
    if shutil.which("mcs") is None:
        return None
    (folder / "call.cs").write_text(code, encoding="utf-8")
    made = _said(["mcs", "-r:System.Net.Http.dll", f"-out:{folder}/call.exe", f"{folder}/call.cs"])
    return made or _said(["mono", f"{folder}/call.exe"])


CALLS: dict[str, Callable[[str, Path], str | None]] = {
    "Python": lambda code, folder: _said([sys.executable, "-"], code),
    "R": _r,
    "C#": _c_sharp,
    "curl": lambda code, folder: _said(["bash", "-s"], code),
}


def _people() -> str:
    hours = [place * 7 % 60 for place in range(160)]
    rows = [
        f"{20 + place % 40},{one},{'high' if one + place * 29 % 41 > 45 else 'low'}"
        for place, one in enumerate(hours)
    ]
    return "age,hours,income\n" + "\n".join(rows) + "\n"


def _graph() -> dict[str, Any]:
    nodes: dict[str, Any] = {
        "people": {"dataset": "people", "position": [160, 0]},
        "split": {
            "module": "Split Data",
            "parameters": {"Fraction of rows in the first output dataset": 0.7, "Random seed": 7},
            "inputs": {"Dataset": "people"},
            "position": [160, 110],
        },
        "evaluate": {
            "module": "Evaluate Model",
            "inputs": {"Scored dataset": "score plain", "Scored dataset to compare": "score boosted"},
            "position": [160, 550],
        },
    }
    for place, (name, module) in enumerate(LEARNERS.items()):
        x = 320 * place
        nodes[name] = {"module": module, "position": [x, 220]}
        nodes[f"train {name}"] = {
            "module": "Train Model",
            "parameters": {"Label column": ["income"]},
            "inputs": {"Untrained model": name, "Dataset": "split.Results dataset1"},
            "position": [x, 330],
        }
        nodes[f"score {name}"] = {
            "module": "Score Model",
            "inputs": {"Trained model": f"train {name}", "Dataset": "split.Results dataset2"},
            "position": [x, 440],
        }
    return {"schema_version": 1, "name": "Who earns more", "nodes": nodes}


def _runs(page: Page, most: int) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(most, timeout=90_000)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=30_000)


def test_two_models_are_compared_and_one_is_published(visitor: Visitor, studio: Studio) -> None:
    artifact = studio.ask("PUT", "/artifacts?name=people.csv", _people().encode())
    studio.ask("POST", "/datasets", {"name": "people", "artifact": artifact})
    made = studio.ask("POST", "/experiments", {"document": _graph()})
    page = visitor.page
    visitor.goes(f"/experiments/{made['id']}")
    expect(page.locator("#canvas .box:not(.data)")).to_have_count(8)
    _runs(page, 8)
    visitor.picture("training")

    page.locator('.react-flow__node[data-id="evaluate"] .port.source').click(button="right")
    page.get_by_role("menuitem", name="Visualize").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("tab", name="ROC")).to_be_visible()
    expect(dialog.locator("svg path, svg polyline").nth(1)).to_be_visible()
    visitor.picture("evaluation")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Set up web service").click()
    page.get_by_role("dialog").get_by_role("combobox").select_option("train boosted")
    page.get_by_role("dialog").get_by_role("button", name="Set up web service").click()
    page.get_by_text("Predictive", exact=True).wait_for()
    modules = page.locator("#canvas .react-flow__node-box .box:not(.data)")
    expect(modules.first).to_be_visible()
    _runs(page, modules.count())
    visitor.picture("predictive")
    page.get_by_role("button", name="Set up web service").click()
    page.get_by_role("dialog").get_by_label("Name").fill("who-earns-more")
    page.get_by_role("dialog").get_by_role("button", name="Publish web service").click()
    page.wait_for_url(f"{studio.address}/services/*", timeout=60_000)

    expect(page.get_by_label("age Integer")).to_have_value("20")  # a row of the data it was trained with
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_text("Scored Labels").first).to_be_visible(timeout=60_000)
    visitor.picture("service-test")

    service = studio.ask("GET", "/services")["services"][0]["id"]
    key = studio.ask("GET", f"/services/{service}/endpoints/default/keys")["primary_key"]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio.address)
    page.get_by_role("tab", name="Client code").click()
    tried = 0
    for language, call in CALLS.items():
        page.get_by_role("tab", name=language, exact=True).click()
        page.get_by_role("button", name="Copy", exact=True).click()
        code = page.evaluate("navigator.clipboard.readText()")
        assert code.count('"..."') + code.count("Bearer ...") == 1, code
        said = call(code.replace("...", key), studio.folder)
        if said is None:
            print(f"the code in {language} was not run: what runs it is not installed here")
            continue
        assert "Scored Labels" in said, said
        tried += 1
    visitor.picture("service-code")

    page.get_by_role("tab", name="Batch").click()
    file = studio.folder / "batch.csv"
    file.write_text("age,hours,income\n30,55,\n25,5,\n", encoding="ascii")
    page.get_by_label("File for").set_input_files(str(file))
    page.get_by_role("button", name="Start the job").click()
    result = page.get_by_role("link", name="output1")
    expect(result).to_be_visible(timeout=90_000)
    visitor.picture("service-batch")
    assert not visitor.accessibility_faults()
    with page.expect_download() as saved:
        result.click()
    assert len(saved.value.path().read_text(encoding="utf-8").splitlines()) == 3
    page.get_by_role("tab", name="Usage").click()
    expect(page.locator(".usage-figures dd").first).to_have_text(str(1 + tried))  # the form called too
    visitor.picture("service-usage")
    assert not visitor.accessibility_faults()
