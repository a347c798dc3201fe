"""Story (c): a published pipeline submitted, watched, its failed step mended in the page, resumed."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from .pipelines import Shop, open_shop
from .studio import Studio
from .visitor import Visitor

BROKEN = 'float(row["amount"]) for row in rows'
MENDED = 'float(row["amount"]) for row in rows if row["amount"] != "n/a"'


@pytest.fixture(scope="module")
def shop(studio: Studio) -> Shop:
    return open_shop(studio)


def _ends(page: Page, state: str) -> None:
    expect(page.locator(".page-head .state")).to_contain_text(state, timeout=60_000)


def test_a_failed_step_is_mended_in_the_page_and_the_run_resumed(
    visitor: Visitor, studio: Studio, shop: Shop
) -> None:
    page = visitor.page
    visitor.goes("/pipelines")
    page.get_by_role("link", name="daily-sales").click()
    expect(page.get_by_role("heading", name="daily-sales")).to_be_visible()
    expect(page.locator(".pipeline-graph .box")).to_have_count(3)  # the data and two steps
    page.locator('.react-flow__node[data-id="clean"]').click()
    expect(page.get_by_role("region", name="clean")).to_contain_text("clean.py --sales <sales>")
    form = page.get_by_role("form", name="Submit")
    form.get_by_label("sales: path").fill("sales/gaps.csv")
    form.get_by_label("region").fill("all")
    form.get_by_label("discount").fill("lots")
    expect(form.get_by_text("A number is needed.")).to_be_visible()
    expect(form.get_by_role("button", name="Submit")).to_be_disabled()
    form.get_by_label("discount").fill("0.25")
    form.get_by_label("Experiment name").fill("sales-of-today")
    visitor.picture("pipeline-submit")
    form.get_by_role("button", name="Submit").click()

    page.wait_for_url(f"{studio.address}/runs/*")
    failed = page.url.rsplit("/", 1)[-1]
    expect(page.locator(".run-graph .box.running")).to_have_count(1, timeout=20_000)
    visitor.picture("pipeline-live")
    _ends(page, "Failed")
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("could not convert string to float: 'n/a'")
    expect(panel).to_contain_text('File "report.py", line 16, in average')
    expect(page.locator(".run-graph .box.failed")).to_have_count(1)
    visitor.picture("pipeline-failed")
    page.get_by_role("tab", name="Log").click()
    expect(page.get_by_role("log")).to_contain_text("reporting on 5 rows")

    page.get_by_role("button", name="Fix and resume…").click()
    dialog = page.get_by_role("dialog")
    editor = dialog.get_by_role("textbox", name="Text of report.py")
    expect(dialog.locator(".cm-lintRange-error")).to_have_count(1)
    text = editor.evaluate("it => it.cmTile.view.state.doc.toString()")
    assert text.count(BROKEN) == 1
    visitor.picture("pipeline-fix")
    assert not visitor.accessibility_faults()
    editor.press("Control+Home")
    line = next(place for place, one in enumerate(text.split("\n")) if BROKEN in one)
    for _ in range(line):
        editor.press("ArrowDown")
    editor.press("End")
    editor.press("ArrowLeft")  # before the bracket that closes the list
    page.keyboard.type(' if row["amount"] != "n/a"', delay=5)
    expect(dialog.get_by_text("Changes: 1")).to_be_visible()
    assert MENDED in editor.evaluate("it => it.cmTile.view.state.doc.toString()")
    dialog.get_by_role("button", name="Resume").click()

    page.wait_for_url(re.compile(f"/runs/(?!{failed})"))
    _ends(page, "Completed")
    expect(page.locator(".run-graph .box.reused")).to_have_count(1)
    expect(page.get_by_text("changed: report: report.py")).to_be_visible()
    page.locator('.react-flow__node[data-id="report"]').click()
    page.get_by_role("tab", name="Log").click()
    expect(page.get_by_role("log")).to_contain_text("average 62.8125")
    visitor.picture("pipeline-resumed")
    page.get_by_role("tab", name="Outputs").click()
    with page.expect_download() as given:
        page.get_by_role("link", name="average.txt").click()
    assert given.value.path().read_text() == "62.81"

    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("dialog").get_by_label("Version").fill("1.1")
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile(f"/pipelines/(?!{shop.pipeline})"))
    expect(page.get_by_text("version 1.1")).to_be_visible()
    page.get_by_role("button", name="Add to endpoint…").click()
    expect(page.get_by_role("dialog").get_by_label("Endpoint")).to_have_value(shop.endpoint)
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    page.wait_for_url(f"{studio.address}/pipelines/endpoints/*")
    expect(page.get_by_text("default version 1", exact=True)).to_be_visible()
    visitor.picture("pipeline-endpoint")


def test_the_code_of_the_page_starts_the_pipeline(visitor: Visitor, studio: Studio, shop: Shop) -> None:
    page = visitor.page
    token = (studio.skyloom.home / "agent" / "token").read_text(encoding="ascii").strip()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio.address)
    visitor.goes(f"/pipelines/{shop.pipeline}")
    page.get_by_label("region").fill("north")
    page.get_by_role("tab", name="Client code").click()
    page.get_by_role("tab", name="Python SDK v1").click()
    expect(page.locator(".cm-content")).to_contain_text("PublishedPipeline.get(ws")
    for language, words in (("Python", [sys.executable, "-"]), ("curl", ["bash", "-s"])):
        page.get_by_role("tab", name=language, exact=True).click()
        page.get_by_role("button", name="Copy", exact=True).click()
        code = page.evaluate("navigator.clipboard.readText()")
        assert code.count("...") == 1, code
        said = subprocess.run(
            words, input=code.replace("...", token), capture_output=True, text=True, timeout=60
        )
        (run,) = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", said.stdout.split('"GraphId"')[0])[:1]
        assert studio.ask("GET", f"/runs/{run}")["values"]["region"] == "north", said.stderr
    visitor.picture("pipeline-code")
    page.get_by_role("tab", name="Runs").click()
    expect(page.locator("tbody tr").nth(1)).to_be_visible(timeout=15_000)


def test_a_schedule_says_when_runs_now_and_rests(visitor: Visitor, studio: Studio, shop: Shop) -> None:
    page = visitor.page
    visitor.goes("/pipelines?show=schedules")
    expect(page.get_by_text("Every week, on Monday and Thursday, at 06:30 (Europe/Berlin)")).to_be_visible()
    expect(
        page.get_by_text("When files in workspaceblobstore/sales change (looked at every 10 hours)")
    ).to_be_visible()
    visitor.picture("schedules")
    page.get_by_role("link", name="every morning").click()
    expect(page.locator(".times li")).to_have_count(5)
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(f"{studio.address}/runs/*")
    _ends(page, "Completed")
    page.get_by_role("link", name="started by a schedule").click()
    expect(page.get_by_text("started by hand")).to_be_visible()
    visitor.picture("schedule")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("It is deactivated and starts nothing.")).to_be_visible()
    page.get_by_role("button", name="Change…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Monday").or_(dialog.get_by_label("Mon")).first.uncheck()
    dialog.get_by_label("At", exact=True).fill("07:15")
    visitor.picture("schedule-change")
    assert not visitor.accessibility_faults()
    dialog.get_by_role("button", name="Save").click()
    expect(
        page.get_by_role("heading", name="Every week, on Thursday, at 07:15 (Europe/Berlin)")
    ).to_be_visible()

    visitor.goes(f"/pipelines/{shop.pipeline}")
    page.get_by_role("button", name="Schedule…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("each hour")
    dialog.get_by_label("Experiment name").fill("sales")
    dialog.get_by_label("Unit of time").select_option("Hour")
    dialog.get_by_label("Not before").fill("2031-01-01T00:00")
    dialog.get_by_label("region").fill("south")
    dialog.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{studio.address}/pipelines/schedules/*")
    expect(page.get_by_role("heading", name="Every hour")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("south")


def test_a_draft_is_submitted_with_other_values_and_published(
    visitor: Visitor, studio: Studio, shop: Shop
) -> None:
    page = visitor.page
    visitor.goes("/pipelines?show=drafts")
    page.get_by_role("link", name="sales next").click()
    page.get_by_label("region").fill("south")
    expect(page.locator(".pipeline-graph .box")).to_have_count(3)
    visitor.picture("draft")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(f"{studio.address}/runs/*")
    _ends(page, "Completed")
    kept = studio.ask("GET", f"/pipeline-drafts/{shop.draft}")
    assert kept["values"] == {"region": "south"} and kept["last_run"] == page.url.rsplit("/", 1)[-1]
    visitor.goes(f"/pipelines/drafts/{shop.draft}")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile("/pipelines/[0-9a-f]"))
    expect(page.get_by_role("form", name="Submit").get_by_label("region")).to_have_value("south")
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    visitor.goes("/pipelines")
    expect(page.get_by_role("cell", name="sales next")).to_have_count(0)
    page.get_by_label("Also disabled ones").check()
    expect(page.get_by_role("link", name="sales next")).to_be_visible()
    visitor.picture("pipelines")
