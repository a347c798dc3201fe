from __future__ import annotations

from collections.abc import Sequence

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from skyloom.compute.nearest_versions import LOWEST, notices_of, resolve_nearest
from skyloom.core.problem import Problem, ProblemError


class Index:
    """Resolves as uv does, over a table of versions that have wheels."""

    def __init__(self, **versions: str) -> None:
        self._versions = {name: [Version(one) for one in text.split()] for name, text in versions.items()}
        self.asked = 0
        self.forbidden: set[str] = set()  # pins that do not go together with anything

    def resolve(self, lines: Sequence[str], options: Sequence[str]) -> str:
        self.asked += 1
        pins = []
        for line in lines:
            wanted = Requirement(line)
            fit = [one for one in self._versions.get(wanted.name, ()) if wanted.specifier.contains(one)]
            if not fit:
                raise ProblemError(Problem("C055", f"no {line}"))
            pins.append(f"{wanted.name}=={min(fit) if tuple(options) == LOWEST else max(fit)}")
        if not options and self.forbidden & set(pins):
            raise ProblemError(Problem("C062", "no wheel"))
        return "\n".join(f"{pin} \\\n    --hash=sha256:00" for pin in pins)


def pins(lock: str) -> list[str]:
    return sorted(line.removesuffix(" \\") for line in lock.splitlines() if "==" in line)


INDEX = {"numpy": "1.17.3 1.24.4 2.0.0", "pandas": "0.25.3 1.5.3 2.2.3", "six": "1.10 1.17", "only": "3.0"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["numpy==1.24.4", "six"], ["numpy==1.24.4", "six==1.17"]),  # as asked for
        (["numpy==1.13.1", "six"], ["numpy==1.17.3", "six==1.17"]),  # the nearest newer; others newest
        (["numpy~=1.13.1", "pandas==0.23.4"], ["numpy==1.17.3", "pandas==0.25.3"]),
        (["numpy==1.13.1", "pandas==1.5.3"], ["numpy==1.17.3", "pandas==1.5.3"]),  # what is there stays
        (["numpy==1.13.*,!=1.13.2"], ["numpy==1.17.3"]),
        (["pandas<0.20"], ["pandas==0.25.3"]),
        (["pandas==0.23.4", "numpy<2"], ["numpy==1.24.4", "pandas==0.25.3"]),  # limits that hold are kept
        (["only==99", "numpy==1.13.1"], ["numpy==1.17.3", "only==3.0"]),  # nothing newer: the newest
    ],
)
def test_the_nearest_version_is_taken(lines: list[str], expected: list[str]) -> None:
    assert pins(resolve_nearest(lines, Index(**INDEX).resolve)) == expected


def test_what_goes_together_is_found_where_the_nearest_do_not() -> None:
    index = Index(**INDEX)
    index.forbidden = {"numpy==1.17.3"}
    assert pins(resolve_nearest(["numpy==1.13.1", "six"], index.resolve)) == ["numpy==2.0.0", "six==1.17"]


def test_a_package_that_is_not_there_is_told_as_it_was_asked_for() -> None:
    with pytest.raises(ProblemError, match="no nothing==1"):
        resolve_nearest(["nothing==1", "numpy==1.13.1"], Index(**INDEX).resolve)


def test_a_network_that_fails_is_told_at_once() -> None:
    asked = []

    def offline(lines: Sequence[str], options: Sequence[str]) -> str:
        asked.append(lines)
        raise ProblemError(Problem("C056", "no network"))

    with pytest.raises(ProblemError, match="C056"):
        resolve_nearest(["numpy==1.13.1"], offline)
    assert len(asked) == 1


def test_what_was_changed_is_said() -> None:
    told = notices_of(["numpy==1.13.1", "six", "pandas<2"], ["numpy==1.17.3", "six==1.17", "pandas==1.5.3"])
    assert told == ("numpy==1.13.1 can no longer be installed here; numpy 1.17.3 is used instead.",)
