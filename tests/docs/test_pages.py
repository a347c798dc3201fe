"""Pages are held to the code: snippets are valid, links lead somewhere, names exist, commands are real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems
from skyloom.modules.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^\s*(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?skyloom ([a-z]+)(?: ([a-z]+))?", re.MULTILINE)
NOUNS = ("script", "runs", "experiment", "dataset", "module", "agent")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["graph-files.md", "preparing-data.md"])
def test_the_graph_of_a_page_is_a_valid_graph(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(schema_version.*?)```", text, re.DOTALL)
    assert block is not None
    document = yaml.safe_load(block.group(1).replace("{$file: rank.py}", "'def azureml_main(): ...'"))
    graph, _ = graph_from_document(document, load_catalogue())
    assert list(graph_problems(graph)) == []


def test_every_file_of_the_map_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+/[\w/<>]+(?:\.py|/))`", text)
    rooms = ROOT / "src" / "skyloom"
    missing = [
        name for name in named if "<" not in name and not any((top / name).exists() for top in (rooms, ROOT))
    ]
    assert named
    assert missing == []


def test_every_command_that_a_page_shows_is_a_command() -> None:
    known = subprocess.run(
        [sys.executable, "-c", "from skyloom.cli.tree import NOUNS, VERBS; print(*NOUNS, *VERBS)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for page in PAGES:
        for verb, _ in COMMAND.findall(page.read_text(encoding="utf-8")):
            assert verb in known, (page, verb)


def test_the_generated_pages_are_not_behind_the_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_readme_names_every_room() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {path.name for path in (ROOT / "src" / "skyloom").iterdir() if (path / "__init__.py").exists()}
    assert [room for room in sorted(rooms) if f"`{room}`" not in text] == []


def test_no_page_or_source_speaks_of_a_machine() -> None:
    odd = re.compile(r"/root/\.pyenv|[\"\x27 (=]/work/[a-z]+/")
    files = [
        *PAGES,
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "tools").iterdir(),
    ]
    here = Path(__file__)
    found = [
        file
        for file in files
        if file != here and odd.search(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert [str(file.relative_to(ROOT)) for file in found] == []


def test_the_page_of_routes_names_every_route_of_the_agent() -> None:
    from skyloom.server import routes

    source = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (*Path(routes.__file__).parent.glob("*.py"), Path(routes.__file__).parents[1] / "app.py")
    )
    served = set(re.findall(r'Route\(\s*"([^"]+)"', source))
    page = (ROOT / "docs" / "reference" / "rest.md").read_text(encoding="utf-8")
    shown = {
        path.removeprefix("/api/v1") for path in re.findall(r"(?:GET|POST|PUT|PATCH|DELETE) `([^`]+)`", page)
    }
    assert served
    assert {path.removeprefix("/api/v1") for path in served} - shown == set()


def test_the_page_of_settings_names_every_variable_that_the_code_reads() -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r'"(SKYLOOM_[A-Z_]+)"', source))
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    ours = {
        "SKYLOOM_INSTANCE",
        "SKYLOOM_BOOLEAN",
        "SKYLOOM_DATETIME",
        "SKYLOOM_RAY",  # of processes, too
        "SKYLOOM_PART",  # to the parts of a parallel step
        "SKYLOOM_TRIAL",  # to the trials of a sweep over nodes
        "SKYLOOM_FONTS",  # from the agent to boxes of old Pythons
        "SKYLOOM_DATASETS",
        "SKYLOOM_MODELS",
        "SKYLOOM_SECRETS",
        "SKYLOOM_PARALLEL_LEVEL",
        "SKYLOOM_PARALLEL_OUTPUT",  # to steps, from the SDK and from their drivers
        "SKYLOOM_NONCE",  # a word in the built page
    }  # a marker of processes, types in SQLite
    assert {name for name in read - ours if f"`{name}`" not in page} == set()
