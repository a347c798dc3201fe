"""``python -m tests.hostile``: run the cases, say a line a case, end with a table and a count."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

from tests.hostile.case import BadHeader, Case, read_cases
from tests.hostile.driver import Verdict, verdict_json, verdict_line
from tests.hostile.identities import NOBODY, command_as_nobody
from tests.hostile.product import NotReady
from tests.hostile.suite import LEVELS, Plan, run_suite

_HERE = Path(__file__).parent
_SUITE_CASE = "(suite)"  # a failure that belongs to no case


class Report:
    """What has been told so far."""

    def __init__(self, as_json: bool) -> None:
        self.verdicts: list[tuple[str, Verdict]] = []
        self._as_json = as_json

    def add(self, identity: str, verdict: Verdict) -> None:
        self.verdicts.append((identity, verdict))
        if self._as_json:
            print(verdict_json(verdict, identity), flush=True)
            return
        print(f"{verdict_line(verdict)}", flush=True)
        for text in (
            *verdict.failures,
            *verdict.notes,
            *([f"listed miss: {verdict.miss}"] if verdict.miss else []),
        ):
            print(f"        {text}", flush=True)

    def end(self) -> int:
        """Table and count; the exit code."""
        failed = sum(not verdict.holds for _, verdict in self.verdicts)
        if not self._as_json:
            _print_table(self.verdicts)
            print(f"{len(self.verdicts) - failed} passed, {failed} failed")
        return 1 if failed or not self.verdicts else 0


def main() -> int:
    given = _words()
    try:
        cases = [case for case in read_cases(given.cases.resolve()) if _is_wanted(case, given.only)]
    except BadHeader as error:
        print(f"hostile: {error}", file=sys.stderr)
        return 2
    fixtures = given.fixtures or _fixtures_beside(given.cases)
    plan = Plan(cases, fixtures.resolve(), tuple(given.levels.split(",")))
    report = Report(given.json)
    if given.identity != "nobody":
        _run_here(plan, report)
    if given.identity != "self" and os.geteuid() == 0:
        _run_as_nobody(given, report)
    return report.end()


def _words() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m tests.hostile", description=main.__doc__)
    words.add_argument("--cases", type=Path, default=_HERE / "cases", help="folder of cases, ours or foreign")
    words.add_argument(
        "--fixtures", type=Path, help="script that makes the input files: OUT MARKERDIR MARKER"
    )
    words.add_argument("--only", action="append", default=[], help="names or patterns of cases")
    words.add_argument("--levels", default=",".join(LEVELS), help="levels, separated by commas")
    words.add_argument(
        "--identity", choices=("both", "self", "nobody"), default="both", help="who runs the suite"
    )
    words.add_argument("--json", action="store_true", help="one JSON object a case")
    return words.parse_args()


def _fixtures_beside(cases: Path) -> Path:
    beside = cases / "fixtures.py"
    return beside if beside.exists() else _HERE / "fixtures.py"


def _is_wanted(case: Case, only: Sequence[str]) -> bool:
    return not only or any(
        fnmatch(case.name, pattern) or fnmatch(case.path.stem, pattern) for pattern in only
    )


def _run_here(plan: Plan, report: Report) -> None:
    identity = f"uid {os.geteuid()}"
    try:
        failures = run_suite(plan, lambda verdict: report.add(identity, verdict))
    except NotReady as error:
        failures = [str(error)]
    for fault in failures:
        report.add(identity, Verdict(_SUITE_CASE, "-", (fault,), 0.0))


def _run_as_nobody(given: argparse.Namespace, report: Report) -> None:
    """The same in a child without root; full+cgroup needs cgroups that only root may write."""
    identity = f"uid {NOBODY}"
    levels = ",".join(level for level in given.levels.split(",") if level != "full+cgroup")
    words = ["-m", "tests.hostile", "--identity", "self", "--json", "--levels", levels]
    words += ["--cases", str(given.cases.resolve())]
    words += ["--fixtures", str(given.fixtures.resolve())] if given.fixtures else []
    words += [word for pattern in given.only for word in ("--only", pattern)]
    if not levels:
        return
    with tempfile.TemporaryDirectory(prefix="skyloom-hostile-stage-") as staging:
        command, why_not = command_as_nobody(words, Path(staging))
        if why_not:
            print(f"not run as {identity}: {why_not}", file=sys.stderr)
            return
        if not given.json:
            print(f"as {identity}:", flush=True)
        told = subprocess.Popen(
            command, stdout=subprocess.PIPE, cwd=_HERE.parents[1], env=_nobodys_environment()
        )
        assert told.stdout is not None
        for line in told.stdout:
            report.add(identity, _verdict(line))
        if told.wait() not in (0, 1):
            report.add(identity, Verdict(_SUITE_CASE, "-", (f"the child ended with {told.returncode}",), 0.0))


def _nobodys_environment() -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG", "TERM")
    }
    return {**kept, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}


def _verdict(line: bytes) -> Verdict:
    told = json.loads(line)
    return Verdict(
        told["case"],
        told["level"],
        tuple(told["failures"]),
        told["wall_s"],
        told["miss"],
        tuple(told["notes"]),
    )


def _print_table(verdicts: Iterable[tuple[str, Verdict]]) -> None:
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for identity, verdict in verdicts:
        groups.setdefault((identity, verdict.level), []).append(verdict)
    print(f"\n{'identity':10}  {'level':13}  {'cases':>5}  {'as expected':>11}  misses and failures")
    for (identity, level), found in groups.items():
        good = sum(not verdict.failures for verdict in found)
        rest = ", ".join(
            verdict.case + (" (listed)" if verdict.miss else "") for verdict in found if verdict.failures
        )
        print(f"{identity:10}  {level:13}  {len(found):5}  {good:11}  {rest}")


if __name__ == "__main__":
    sys.exit(main())
