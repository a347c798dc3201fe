"""config.json of a workspace: found, read and written as the old SDK did. Source: sdk.md 4."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from skyloom.sdk.exceptions import UserErrorException

FOLDERS = (".azureml", "aml_config", "")
FILES = ("config.json", "project.json")
URL_KEY = "skyloom_url"


def find_config(path: str | None, file_name: str | None = None) -> str:
    """Path of the file: ``path`` itself, or the first found from there up to the root.

    Raises
    ------
    UserErrorException
        There is none.
    """
    start = os.path.abspath(path or ".")
    if os.path.isfile(start):
        return start
    for candidate in _candidates(start, (file_name,) if file_name else FILES):
        if os.path.isfile(candidate):
            return candidate
    raise UserErrorException(
        f"No config file was found in '{start}' or the folders above it. "
        "Write one with Workspace.write_config(), or name the workspace in Workspace.get()."
    )


def read_config(file: str) -> tuple[str, str, str]:
    """Subscription, resource group and name of the workspace.

    Raises
    ------
    UserErrorException
        The file does not hold them.
    """
    try:
        with open(file, encoding="utf-8-sig") as text:
            content = json.load(text)
        if "Scope" in content and "workspace_name" not in content:
            words = content["Scope"].strip("/").split("/")
            return words[1], words[3], words[words.index("workspaces") + 1]
        return content["subscription_id"], content["resource_group"], content["workspace_name"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise UserErrorException(
            f"'{file}' does not hold subscription_id, resource_group and workspace_name.", error
        ) from error


def read_url(file: str) -> str:
    """The address of the workspace's server, where the file names one (``skyloom_url``, ours)."""
    with open(file, encoding="utf-8-sig") as text:
        return str(json.load(text).get(URL_KEY) or "")


def write_config(path: str | None, file_name: str | None, facts: dict[str, str], url: str = "") -> str:
    """Write both sets of keys, and ``url`` for a workspace behind a server; the path of the file."""
    start = os.path.abspath(path or ".")
    old = os.path.join(start, "aml_config")
    folder = old if os.path.isdir(old) else os.path.join(start, ".azureml")
    os.makedirs(folder, exist_ok=True)
    subscription, group, name = facts["subscription_id"], facts["resource_group"], facts["workspace_name"]
    scope = (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{name}"
    )
    file = os.path.join(folder, file_name or FILES[0])
    with open(file, "w", encoding="utf-8") as target:
        json.dump({"Id": None, "Scope": scope, **facts, **({URL_KEY: url} if url else {})}, target, indent=4)
    return file


def _candidates(start: str, names: tuple[str, ...]) -> Iterator[str]:
    folder = start
    while True:
        for inner in FOLDERS:
            for name in names:
                yield os.path.join(folder, inner, name)
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
