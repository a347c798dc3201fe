"""Two things that happen when a script imports them: matplotlib is tamed, ``azureml.core`` is ours.

Both are finders with ``find_module``, the one way that Python 2.7 and 3.6 share.
"""

from __future__ import absolute_import, division, print_function

import importlib
import os
import shutil
import sys
import types

from . import run_context
from .words import safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

_PACKAGES = ("azureml", "azureml.core", "azureml.core.run")
FONTS = "MATPLOTLIB_FONTS_KEPT"  # folder with what this environment's matplotlib knows of the fonts


def install(recorder, notice):
    # type: (run_context.Recorder, Any) -> None
    """Offer the old names, and make ``Run.get_context()`` answer with a run that records here."""
    run_context.Run._current = run_context.Run(recorder)
    if "matplotlib" in sys.modules:  # pandas of the time imports it
        _bring_fonts()
        _tame(sys.modules["matplotlib"], notice)
    else:
        _finders().insert(0, _PlottingFinder(notice))
    _finders().append(_Finder())


class _PlottingFinder(object):
    """Waits for matplotlib's first import, tames it and steps aside (studio.md 1.7)."""

    def __init__(self, notice):
        # type: (Any) -> None
        self._notice = notice

    def find_module(self, name, path=None):
        # type: (str, Any) -> Any
        return self if name == "matplotlib" else None

    def load_module(self, name):
        # type: (str) -> Any
        _finders().remove(self)
        _bring_fonts()
        matplotlib = importlib.import_module(name)
        _tame(matplotlib, self._notice)
        return matplotlib


def _tame(matplotlib, notice):
    # type: (Any, Any) -> None
    real_use = matplotlib.use
    real_use("Agg")

    def use(backend, *args, **options):
        # type: (Any, *Any, **Any) -> None
        if safe_text(backend).lower() != u"agg":
            notice(
                u"The plotting backend '%s' needs a screen or a notebook; Agg is used instead."
                % safe_text(backend)
            )

    use.__doc__ = real_use.__doc__
    matplotlib.use = use


def _finders():
    # type: () -> list[Any]
    return sys.meta_path


def _bring_fonts():
    # type: () -> None
    """Copy the list of fonts to where matplotlib may write: it takes seconds to make anew."""
    kept = os.environ.pop(FONTS, "")
    if kept and os.path.isdir(kept):
        folder = os.path.join(os.environ["TMPDIR"], "matplotlib")
        try:
            shutil.copytree(kept, folder)
            os.environ["MPLCONFIGDIR"] = folder
        except (OSError, shutil.Error):
            return


class _Finder(object):
    """``import azureml.core``: an environment that has the real package keeps it."""

    def find_module(self, name, path=None):
        # type: (str, Any) -> Any
        is_ours = name in _PACKAGES or name.startswith("azureml.core.")
        return self if is_ours else None

    def load_module(self, name):
        # type: (str) -> Any
        module = sys.modules.setdefault(name, _Names(name))
        module.__path__ = []
        module.__loader__ = self
        module.__package__ = name
        for word in ("Run", "Experiment"):
            setattr(module, word, getattr(run_context, word))
        for word in _REFUSED:
            setattr(module, word, run_context.Refused(word))
        return module


# what scripts of the time import from azureml.core; Python 2 cannot make such names on demand
_REFUSED = ("Workspace", "Datastore", "Dataset", "Model", "Environment", "ComputeTarget", "Webservice")


class _Names(types.ModuleType):
    """A module of the old SDK."""
