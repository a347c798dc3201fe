"""A short selection of the hostile cases at the machine's best level; ``make hostile`` runs all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import fixtures
from tests.hostile.case import read_cases
from tests.hostile.driver import Driver
from tests.hostile.product import NotReady
from tests.hostile.suite import LEVELS, at_best_level

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("hostile")]

CASES = {case.name: case for case in read_cases(Path(fixtures.__file__).parent / "cases")}
QUICK = (
    "files_agent_state",
    "files_links_out",
    "files_nothing_is_kept",
    "network_streams",
    "network_unix_sockets",
    "processes_daemon",
    "processes_new_spaces",
    "results_exit_zero",
    "results_forged_answer",
    "results_control_characters",
    "bundles_refused[climbing.zip]",
    "inputs_harmless[pickled.pkl]",
)


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    try:
        with at_best_level(Path(fixtures.__file__), LEVELS) as found:
            yield found
    except NotReady as error:
        pytest.skip(f"no box can be made here: {error}")


@pytest.mark.parametrize("name", QUICK)
def test_a_hostile_case_comes_out_as_its_header_says(driver: Driver, name: str) -> None:
    verdict = driver.run(CASES[name])
    assert verdict.holds, "\n".join(verdict.failures)
