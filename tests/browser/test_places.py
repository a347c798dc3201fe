"""Looking after a workspace in the browser: stores, pools, environments, storage; also by keyboard."""

from __future__ import annotations

import os
import sysconfig
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from skyloom.compute.environment_folder import EnvironmentFolder
from skyloom.compute.environment_wish import wish_for
from skyloom.core.identity import digest_of
from tests import environments

from .filled import dataset, document
from .studio import Studio
from .visitor import Visitor


def test_a_store_is_registered_browsed_and_unregistered(visitor: Visitor, studio: Studio) -> None:
    visitor.expected.append("status of 422")  # the folder that may not be read
    page = visitor.page
    visitor.goes("/datastores")
    page.get_by_role("button", name="Register a datastore").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Kind").select_option("AzureBlob")
    assert form.get_by_label("Account key").get_attribute("type") == "password"
    assert not visitor.accessibility_faults()
    visitor.picture("datastore-form")
    form.get_by_label("Kind").select_option("LocalFolder")
    form.get_by_label("Name", exact=True).fill("secret-place")
    form.get_by_label("Folder").fill("/etc")
    form.get_by_role("button", name="Register", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("SKYLOOM_FILE_ROOTS")
    page.keyboard.press("Escape")

    row = page.get_by_role("row", name="workspaceblobstore")
    row.get_by_role("button", name="Test").click()
    expect(row.get_by_role("status")).to_contain_text("reached")
    studio.ask("PUT", "/datastores/workspaceblobstore/content?path=in/deep/a.csv", b"1,2\n")
    row.get_by_role("button", name="workspaceblobstore", exact=True).click()
    shown = page.get_by_role("dialog")
    shown.get_by_role("button", name="in/").click()
    shown.get_by_role("button", name="deep/").click()
    expect(shown.get_by_text("a.csv")).to_be_visible()
    visitor.picture("datastore-browse")
    with page.expect_download() as saved:
        shown.get_by_role("link", name="Download a.csv").click()
    assert Path(saved.value.path()).read_text(encoding="ascii") == "1,2\n"


def test_a_pool_is_made_changed_and_deleted_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    visitor.goes("/compute")
    button = page.get_by_role("button", name="New pool")
    button.wait_for()
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # past the button that closes the dialog
    _typed(page, "Name", "night-pool")
    _typed(page, "Greatest number of nodes", "2")
    page.keyboard.press("Enter")
    row = page.get_by_role("row", name="night-pool")
    expect(row).to_contain_text("0 to 2")
    visitor.picture("compute-pools", page.get_by_role("region", name="Compute targets"))
    row.get_by_role("button", name="Change night-pool").focus()
    page.keyboard.press("Enter")
    _typed(page, "Least number of nodes", "3")
    page.keyboard.press("Enter")
    visitor.expected.append("status of 400")
    expect(page.get_by_role("alert")).to_contain_text("cannot be")
    page.keyboard.press("Escape")
    row.get_by_role("button", name="Delete night-pool").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)


def _typed(page: Page, label: str, text: str) -> None:
    """Reach a field by Tab, as somebody without a mouse does, and type."""
    field = page.get_by_role("dialog").get_by_label(label)
    for _ in range(12):
        if field.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_environments_tell_what_is_in_them_and_how_they_were_built(visitor: Visitor) -> None:
    page = visitor.page
    visitor.goes("/environments")
    row = page.get_by_role("row", name="studio built in").first
    row.wait_for()  # every Python of the machine is asked what it is
    expect(row).to_contain_text("built")
    visitor.picture("environments")
    row.get_by_role("button", name="studio", exact=True).click()
    shown = page.get_by_role("dialog")
    expect(shown.get_by_text("Building the environment `studio`.")).to_be_visible()
    shown.get_by_label("Find a package").fill("pandas=")
    expect(shown.get_by_role("listitem")).to_have_count(1)
    assert not visitor.accessibility_faults()


def test_a_run_that_waits_for_its_environment_says_so(visitor: Visitor, studio: Studio) -> None:
    header = '# /// script\n# dependencies = ["pandas<3", "skyloom-of-nowhere"]\n# ///\n'
    script = f"{header}def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"
    wish = wish_for("own", script)
    assert wish is not None
    folder = EnvironmentFolder(environments.FOLDER, wish.digest, sysconfig.get_platform())
    dataset(studio, "numbers", "a\n1\n")
    made = studio.ask("POST", "/experiments", {"document": document("Waits", script, "numbers")})
    try:
        with folder.building(lambda: None):  # somebody else is at it
            run = studio.ask("POST", "/experiments/run", {"experiment": made["id"]})["run"]
            visitor.goes(f"/runs/{run}?node=script")
            waits = visitor.page.get_by_text("Preparing environment: Waiting for another build")
            expect(waits).to_be_visible()
            assert not visitor.accessibility_faults()
            visitor.picture("run-preparing")
            studio.ask("POST", f"/runs/{run}/cancel", {})
    finally:  # the folder of environments is shared by all tests
        _forget(folder, wish.digest)


def _forget(folder: EnvironmentFolder, digest: str) -> None:
    until = time.monotonic() + 60
    while folder.is_being_built():
        assert time.monotonic() < until
        time.sleep(0.1)
    folder.clear()
    name = digest_of(digest).removeprefix("sha256:")
    (folder.path.parent / "wishes" / f"{name}.json").unlink(missing_ok=True)


def test_storage_is_looked_at_and_then_cleaned(visitor: Visitor, studio: Studio) -> None:
    dataset(studio, "to be deleted", "a\n" + "x" * 5000 + "\n")
    studio.ask("DELETE", "/datasets/version?name=to%20be%20deleted")
    dataset(studio, "kept for good", "a\n" + "y" * 5000 + "\n")
    at = time.time() - 7200
    for file in (studio.skyloom.home / "artifacts").glob("??/*"):
        os.utime(file, (at, at))
    page = visitor.page
    visitor.goes("/settings")
    page.get_by_role("button", name="Look what would go").click()
    remove = page.get_by_role("button", name="Remove")
    expect(remove).to_be_visible()
    visitor.picture("storage", page.get_by_role("region", name="Storage"))
    expect(page.get_by_text("in force")).to_be_visible()
    assert not visitor.accessibility_faults()
    remove.click()
    expect(page.get_by_text("were freed")).to_be_visible()
    page.get_by_role("button", name="Look what would go").click()
    expect(page.get_by_text("There is nothing to remove.")).to_be_visible()
    rows = studio.ask("GET", "/datasets/version?name=kept%20for%20good")["artifact"]["digest"]
    assert studio.ask("GET", f"/artifacts/{rows}/rows")["numberOfRows"] == 1
