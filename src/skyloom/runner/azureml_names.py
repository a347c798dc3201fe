"""``import azureml.core`` inside a box: our Run under the old import path.

A finder at the end of ``sys.meta_path``: an environment that has the real package keeps it, and a script that
never asks pays nothing.
"""

from __future__ import annotations

import importlib.machinery
import sys
from types import ModuleType
from typing import Any, Optional, Sequence

from skyloom.runner.run_context import Experiment, Recorder, Refused, Run

_PACKAGES = ("azureml", "azureml.core", "azureml.core.run")


def install(recorder: Recorder) -> None:
    """Offer the names, and make ``Run.get_context()`` answer with a run that records here."""
    Run._current = Run(recorder)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


def uninstall() -> None:
    """Take the names away again: after a dry run."""
    Run._current = None
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]


class _Finder:
    def find_spec(self, name: str, path: Optional[Sequence[str]] = None, target: Any = None) -> Any:
        if name not in _PACKAGES and not name.startswith("azureml.core."):
            return None
        return importlib.machinery.ModuleSpec(name, _Loader(), is_package=True)  # type: ignore[arg-type]


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
        return Refused(name)
