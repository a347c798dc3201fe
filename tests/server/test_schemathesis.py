"""A short round of schemathesis in every test run; ``make schemathesis`` is the long one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .agents import COMMAND
from .fuzz import fuzz, open_port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with open_port(tmp_path_factory.mktemp("fuzzed") / "home", COMMAND) as opened:
        yield opened


@pytest.mark.parametrize("has_token", [False, True], ids=["without a token", "with a token"])
def test_nothing_that_the_document_describes_answers_5xx(port: tuple[str, str], has_token: bool) -> None:
    address, token = port
    done = fuzz(address, token if has_token else None, examples=1, seed=1, phases="examples,fuzzing")
    assert done.returncode == 0, done.stdout.partition("= FAILURES =")[2][:6000] + done.stderr[-2000:]
