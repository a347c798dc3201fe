"""The one name that changed text finds among the built-in ones: ``__skyloom__``."""

from __future__ import annotations

from skyloom.runner.compatibility.pandas3_copies import CopiesRuntime
from skyloom.runner.compatibility.pandas3_strings import StringsRuntime
from skyloom.runner.compatibility.python2_values import Python2Values


class Runtime(Python2Values, CopiesRuntime, StringsRuntime):
    """Every function that changed text calls."""
