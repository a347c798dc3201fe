from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.old_pythons import interpreter_of
from tests.runner.legacy.old_runs import OldServer

from skyloom.compute.interpreter import Interpreter
from skyloom.core.environment import STUDIO_27, STUDIO_36


@pytest.fixture(params=[STUDIO_36, STUDIO_27])
def old(request: pytest.FixtureRequest) -> Interpreter:
    """Each old interpreter with its packages; a skip says why one is missing."""
    return interpreter_of(str(request.param))


@pytest.fixture(scope="module", params=[STUDIO_36, STUDIO_27])
def server(request: pytest.FixtureRequest) -> Iterator[OldServer]:
    """Each old interpreter, for many small scripts."""
    made = OldServer(interpreter_of(str(request.param)))
    yield made
    made.close()


@pytest.fixture
def python_27() -> Interpreter:
    return interpreter_of(STUDIO_27)
