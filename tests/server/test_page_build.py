"""The build of the page: made anew when a source differs, told apart from a network that is missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def build_web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, over a page of three files."""
    spec = importlib.util.spec_from_file_location("build_web", ROOT / "tools" / "build_web.py")
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    (web / "node_modules").mkdir()
    (web / "package.json").write_text("{}")
    (web / "package-lock.json").write_text("{}")
    (web / "src" / "main.ts").write_text("1")
    monkeypatch.setattr(tool, "WEB", web)
    monkeypatch.setattr(tool, "BUILT", tmp_path / "built")
    return tool


def built(tool: ModuleType) -> None:
    tool.BUILT.mkdir(exist_ok=True)
    (tool.BUILT / tool.STAMP).write_text(tool.sources_digest())


def test_a_page_is_current_until_a_source_changes(build_web: ModuleType) -> None:
    assert not build_web.is_current()
    built(build_web)
    assert build_web.is_current()
    (build_web.WEB / "src" / "main.ts").write_text("2")
    assert not build_web.is_current()


def test_a_source_under_another_name_is_a_change(build_web: ModuleType) -> None:
    built(build_web)
    (build_web.WEB / "src" / "main.ts").rename(build_web.WEB / "src" / "other.ts")
    assert not build_web.is_current()


def test_packages_and_earlier_builds_are_no_sources(build_web: ModuleType) -> None:
    built(build_web)
    (build_web.WEB / "node_modules" / "x.js").write_text("x")
    (build_web.WEB / "dist").mkdir()
    (build_web.WEB / "dist" / "x.js").write_text("x")
    assert build_web.is_current()


def test_without_sources_a_page_is_what_it_is(build_web: ModuleType) -> None:
    (build_web.WEB / "package.json").unlink()
    assert build_web.is_current()


def test_without_the_network_all_but_the_page_goes_on(
    build_web: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_web, "system_node", lambda: ("/bin/false", "npm"))
    assert build_web.main() == 0
    assert "was not built" in capsys.readouterr().err


def test_a_page_that_does_not_build_is_a_fault(
    build_web: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_web, "system_node", lambda: ("/bin/false", "npm"))
    (build_web.WEB / "node_modules" / ".skyloom-lock").write_text("{}")  # its packages are there
    assert build_web.main() == 1
    assert "does not build" in capsys.readouterr().err


def test_the_lock_file_names_no_registry() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "web" / ".npmrc").read_text().splitlines()
