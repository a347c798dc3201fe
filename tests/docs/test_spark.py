"""The page on Spark names what there is, and nothing else; its snippet runs."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from skyloom.core.compute_secrets import TOKEN
from skyloom.runner.spark import dbutils
from skyloom.runner.spark.source import ENDINGS
from skyloom.sdk.compute import ComputeTarget
from skyloom.sdk.compute_outside import DatabricksCompute
from skyloom.sdk.steps.databricks import DatabricksStep
from tests.sdk.stores import local_workspace

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "spark.md").read_text(encoding="utf-8")
REFUSED = {"help", "set", "mount", "unmount", "refreshMounts", "install", "installPyPI"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("widgets", dbutils.Widgets),
        ("fs", dbutils.FileSystem),
        ("notebook", dbutils.Notebook),
        ("secrets", dbutils.Secrets),
        ("library", dbutils.Library),
    ],
)
def test_every_tool_of_dbutils_is_named(name: str, kind: type) -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    there = {one for one, _ in inspect.getmembers(kind, inspect.isfunction) if not one.startswith("_")}
    assert set(re.findall(r"`(\w+)`", row)) - {name} == there - REFUSED


def test_every_setting_of_a_databricks_step_is_named() -> None:
    known = set(inspect.signature(DatabricksStep.__init__).parameters)
    usual = {
        "self", "name", "inputs", "outputs", "compute_target", "source_directory", "hash_paths", "version",
        "_", "runconfig", "jar_params", "min_workers",
    }  # fmt: skip
    assert [one for one in sorted(known - usual) if f"`{one}`" not in PAGE] == []
    assert all(f"`{ending}`" in PAGE for ending in ENDINGS)


def test_the_snippet_of_the_page_attaches(tmp_path: Path) -> None:
    ws = local_workspace(tmp_path / "home")
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    text = re.sub(r"^(from azureml|ws = ).*$", "", found[1], flags=re.MULTILINE)
    names = {"ws": ws, "ComputeTarget": ComputeTarget, "DatabricksCompute": DatabricksCompute}
    exec(text, names)
    assert ws.compute_targets["bricks"].workspace_url is None  # type: ignore[attr-defined]
    ComputeTarget.attach(ws, "real", names["real"])
    assert ws.compute_targets["real"].workspace_url.startswith("https://adb-")  # type: ignore[attr-defined]
    api = ws._api
    assert api.secrets.of("bricks") == {TOKEN: "dapi...", "db/password": "..."}  # type: ignore[attr-defined]
