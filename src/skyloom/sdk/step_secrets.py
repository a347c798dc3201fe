"""Secrets that a step names: the agent puts them into its box. Source: sdk.md 4, ``Run.get_secret``.

Only the names stand in the graph; what they open is looked up when the step starts, and is no part of what
decides about reuse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from skyloom.core.step_words import SECRETS_VARIABLE
from skyloom.sdk.step_source import step_source
from skyloom.sdk.steps.python_script import SourceStep

_ASKS = re.compile(r"\bget_secrets?\b")


def named_secrets(step: SourceStep, folder: str, known: Sequence[str]) -> list[str]:
    """Names in the step's arguments or source, where that asks for secrets at all."""
    if not known:
        return []
    source = step_source(step, folder)
    return [name for name in known if source.names(name)] if source.asks(_ASKS) else []


def secrets_variable(names: Sequence[str]) -> tuple[str, str]:
    """Which they are, as an environment variable."""
    return SECRETS_VARIABLE, json.dumps([*names])
