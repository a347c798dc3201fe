"""The environment ``current``: the interpreter that runs the agent, with the packages as installed."""

from __future__ import annotations

import platform
import sys
import sysconfig
from functools import cache
from importlib import metadata

from packaging.utils import canonicalize_name

from skyloom.compute.interpreter import Interpreter
from skyloom.core.environment import CURRENT, Environment
from skyloom.core.identity import digest_of


@cache  # what this process has imported does not change when something is installed beneath it
def current_environment() -> Environment:
    """Name every installed distribution with its version."""
    packages = tuple(
        f"{canonicalize_name(one.name)}=={one.version}" for one in metadata.distributions() if one.name
    )
    return Environment(CURRENT, f"=={platform.python_version()}", packages)


def current_interpreter() -> Interpreter:
    """Give the agent's own interpreter; the helpers for old pandas are off in it."""
    digest = digest_of([current_environment().digest, sysconfig.get_platform()])
    return Interpreter(CURRENT, digest, sys.executable, platform.python_version(), compatibility=False)
