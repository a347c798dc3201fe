"""``import azureml.core`` inside a box: our Run under the old import path.

A finder at the head of ``sys.meta_path``, before skyloom-azureml where that is installed: it would look for
a workspace that a box cannot reach. A script that brings another package of that name keeps it, and one that
never asks pays nothing.
"""

from __future__ import annotations

import importlib.machinery
import sys
from types import ModuleType
from typing import Any, Optional, Sequence

from skyloom.core import node_log
from skyloom.runner.refused import Refused
from skyloom.runner.run_context import Experiment, Recorder, Run

_PACKAGE = "azureml"
_OUR_MARK = b"skyloom.sdk.real_sdk"  # imported by compat/azureml, and by nothing else of that name


def install(recorder: Recorder) -> None:
    """Offer the names, and make ``Run.get_context()`` answer with a run that records here."""
    Run._current = Run(recorder)
    node_log.offer(Run._current)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def uninstall() -> None:
    """Take the names away again: after a dry run."""
    Run._current = None
    node_log.offer(None)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]


class _Finder:
    def find_spec(self, name: str, path: Optional[Sequence[str]] = None, target: Any = None) -> Any:
        if name.partition(".")[0] != _PACKAGE:
            return None
        loaded = sys.modules.get(_PACKAGE)
        if loaded is not None and not isinstance(loaded, _Names):
            return None
        theirs = _their_package() if name == _PACKAGE else None
        if theirs is not None:
            return theirs
        return importlib.machinery.ModuleSpec(name, _Loader(), is_package=True)  # type: ignore[arg-type]


def _their_package() -> Any:
    """Where a package of that name is found which is not skyloom-azureml; None when there is none."""
    for folder in sys.path:
        found = importlib.machinery.PathFinder.find_spec(_PACKAGE, [folder])
        if found is not None and _is_theirs(found.origin):
            return found
    return None


def _is_theirs(file: Optional[str]) -> bool:
    try:
        with open(file or "", "rb") as source:
            return _OUR_MARK not in source.read()
    except PermissionError:  # the box shuts it, so it cannot be imported: ours, beside the sources
        return False
    except OSError:  # a folder without __init__.py, or a file in an archive
        return True


class _Loader:
    def create_module(self, spec: Any) -> Optional[ModuleType]:
        return _Names(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """The names are there already."""


class _Names(ModuleType):
    """A module of the old SDK: ``Run`` works, every other public name explains itself when used."""

    def __getattr__(self, name: str) -> Any:
        if not name[:1].isupper():  # a submodule: ``from azureml import core`` looks for an attribute first
            raise AttributeError(name)
        if name == "Run":
            return Run
        if name == "Experiment":
            return Experiment
        if name == "Model":
            from skyloom.runner.step_models import Model  # not before it is asked for

            return Model
        if name == "Dataset":
            from skyloom.runner.step_dataset_finder import Dataset  # not before it is asked for

            return Dataset
        return Refused(name)
