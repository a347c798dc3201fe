from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.workspace import Workspace
from skyloom.sdk.workspace_config import find_config, read_config, write_config

FACTS = {"subscription_id": "s", "resource_group": "g", "workspace_name": "demo"}


def test_what_is_written_is_found_from_below(tmp_path: Path) -> None:
    file = write_config(os.fspath(tmp_path), None, FACTS)
    assert file == os.fspath(tmp_path / ".azureml" / "config.json")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_config(os.fspath(tmp_path / "a" / "b")) == file
    assert read_config(file) == ("s", "g", "demo")


def test_an_old_folder_is_used_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "aml_config").mkdir()
    assert "aml_config" in write_config(os.fspath(tmp_path), "project.json", FACTS)
    assert find_config(os.fspath(tmp_path)).endswith("project.json")


def test_a_scope_alone_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/demo"
    file.write_text(json.dumps({"Id": None, "Scope": scope}))
    assert read_config(find_config(os.fspath(file))) == ("s", "g", "demo")


@pytest.mark.parametrize("text", ["{}", "[]", "no json", '{"Scope": "/x"}'])
def test_a_file_that_says_nothing_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UserErrorException, match="does not hold"):
        read_config(os.fspath(tmp_path / "config.json"))


@pytest.mark.parametrize("name", ["ab", "-abc", "a b c", "x" * 34, None])
def test_names_of_workspaces_are_checked(name: str) -> None:
    with pytest.raises(UserErrorException, match="not valid"):
        Workspace.create(name=name)
