"""Dockerfile and compose file, as far as they can be held to the code without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from skyloom.cli.tree import command_tree

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = COMPOSE["services"]
INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "CMD"}


def test_the_file_has_server_agent_database_and_blob_store() -> None:
    assert set(SERVICES) == {"database", "blobs", "server", "agent"}
    for name in ("server", "agent"):
        assert set(SERVICES[name]["depends_on"]) == {"database", "blobs"}
    named = {one.partition(":")[0] for name in ("database", "blobs") for one in SERVICES[name]["volumes"]}
    assert named == set(COMPOSE["volumes"])


def test_every_variable_is_one_that_skyloom_reads() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    given = {name for service in ("server", "agent") for name in SERVICES[service]["environment"]}
    assert {"SKYLOOM_DATABASE_URL", "SKYLOOM_SHARED_URL"} <= given
    for name in given:
        assert name in source, name
        assert not name.startswith("SKYLOOM_") or f"`{name}`" in settings, name


def _image_command() -> list[str]:
    found = re.search(r"^CMD \[(.+)\]$", DOCKERFILE, re.M)
    assert found
    return [word.strip().strip('"') for word in found[1].split(",")]


@pytest.mark.parametrize("words", [SERVICES["server"]["command"], _image_command()], ids=["server", "image"])
def test_every_command_is_one_that_there_is(words: list[str]) -> None:
    assert words[0] == "skyloom"
    said = CliRunner().invoke(command_tree([words[1]]), [words[1], "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0, said.output
    help_text = re.sub(r"\x1b\[[0-9;]*m", "", said.output)
    for option in (word for word in words if word.startswith("--")):
        assert option in help_text, option


def test_the_image_installs_what_the_workspace_needs() -> None:
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    used = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    assert used <= INSTRUCTIONS
    extras = re.search(r"whl\)\[([a-z0-9,]+)\]", DOCKERFILE)
    assert extras
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in extras[1].split(","):
        assert re.search(rf"^{extra} = \[", project, re.M), extra
    assert not re.search(r"^USER root", DOCKERFILE, re.M)


def test_the_server_is_published_to_this_machine_alone() -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["server"]["ports"])
    assert "ports" not in SERVICES["database"] and "ports" not in SERVICES["blobs"]
