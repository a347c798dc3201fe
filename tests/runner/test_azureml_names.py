from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skyloom.runner import azureml_names
from skyloom.runner.run_context import Recorder, Run


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package ``azureml`` before every other, in a process that offers the names as a box does."""
    folder = tmp_path / "azureml"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    azureml_names.install(Recorder(str(tmp_path), print))
    yield folder / "__init__.py"
    azureml_names.uninstall()
    for name in [name for name in sys.modules if name.partition(".")[0] == "azureml"]:
        del sys.modules[name]


def test_another_package_of_that_name_wins(package: Path) -> None:
    import azureml

    assert azureml.__file__ == str(package)


def test_a_package_that_the_box_shuts_gives_way(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_file = builtins.open

    def shut(file: Any, *more: Any, **options: Any) -> Any:
        if file == str(package):
            raise PermissionError(13, "Permission denied", file)
        return open_file(file, *more, **options)

    monkeypatch.setattr(builtins, "open", shut)
    from azureml.core import Run as Offered

    assert Offered is Run
