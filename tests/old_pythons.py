"""Interpreters of environments that have to be built: only the first run on a machine builds."""

from __future__ import annotations

from functools import cache

import pytest

from skyloom.compute.environments import Environments
from skyloom.compute.interpreter import Interpreter
from skyloom.core.environment import Environment
from skyloom.core.problem import ProblemError
from tests.environments import HOME, share

# no such Python here, or no way to its packages: not a fault of ours
_NOT_HERE = ("C051", "C056", "C062", "C064", "C100")


@cache
def _built(environment: str | Environment) -> Interpreter | str:
    share()
    environments = Environments(HOME)
    try:
        return environments.ready(environments.resolve(environment), lambda line: None)
    except ProblemError as error:
        if error.problem.code not in _NOT_HERE:
            raise
        return error.problem.message


def interpreter_of(environment: str | Environment) -> Interpreter:
    """The interpreter of an environment, built now if it was not before; a skip says why it cannot be had."""
    name = environment if isinstance(environment, str) else environment.name
    built = _built(environment)
    if isinstance(built, str):
        pytest.skip(f"the environment '{name}' cannot be built here: {built}")
    return built
