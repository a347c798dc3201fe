"""Suite: all cases at all levels in one workspace with one agent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.hostile.canaries import Canaries, new_secret, prepare
from tests.hostile.case import Case
from tests.hostile.driver import TRIVIAL, Driver, Verdict
from tests.hostile.machine_checks import Place
from tests.hostile.processes import process_tree
from tests.hostile.product import NotReady, Order, Product

LEVELS = ("full+cgroup", "full", "kernel-filter")
KERNEL_FILTER_MISSES = {
    "d10_ipc_objects": "objects of System V are the host's where there is no IPC space of its own",
    "g03_threads_and_processes": "multiprocessing's locks need a /dev/shm, which only a mount space gives",
}
_NOBODY = 65534
_VICTIMS = 12  # as many of the boxes' first identities have a sleeping victim
_MOST_DEAD_KEEPERS = 16

Told = Callable[[Verdict], None]


@dataclass(frozen=True)
class Plan:
    """What to run."""

    cases: Sequence[Case]
    fixtures: Path  # script that makes the hostile input files
    levels: Sequence[str]


def run_suite(plan: Plan, told: Told) -> list[str]:
    """Run every case at every level; failures of the suite as a whole, in words.

    Raises
    ------
    NotReady
        The product does not run here at all.
    """
    failures: list[str] = []
    with _product(failures, plan.levels) as product:
        for level in plan.levels:
            failures += _run_level(plan, level, product, told)
    return failures


@contextmanager
def at_best_level(fixtures: Path, levels: Sequence[str]) -> Iterator[Driver]:
    """A driver at the first of the levels that the machine offers.

    Raises
    ------
    NotReady
        It offers none of them.
    """
    failures: list[str] = []
    with _product(failures, levels) as product:
        refusals = []
        for level in levels:
            why_not = refusal_of(product, level)
            if not why_not:
                with _driver(product, level, fixtures) as driver:
                    yield driver
                break
            refusals.append(why_not)
        else:
            raise NotReady("; ".join(refusals))
    if failures:
        raise AssertionError("; ".join(failures))


def refusal_of(product: Product, level: str) -> str:
    """Why the machine does not offer the level; empty where it does.

    Raises
    ------
    NotReady
        The command line gives no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "trivial.py")
        script.write_text(TRIVIAL, encoding="utf-8")
        order = Order(script, Path(folder, "o.parquet"), Path(folder, "images"), isolation=level)
        answer = product.answer(product.start([*order.words(), "--json"]), 180)
    if not answer.told:
        raise NotReady(f"'skyloom script run' gave {answer.exit_code}: {answer.stderr[-500:].decode()}")
    return str(answer.problem.get("message")) if answer.reason == "isolation_failed" else ""


def _run_level(plan: Plan, level: str, product: Product, told: Told) -> list[str]:
    why_not = refusal_of(product, level)
    if why_not:
        print(f"-     {level:13}  not offered here: {why_not}", file=sys.stderr, flush=True)
        return [] if level == "full+cgroup" else [f"{level} is not offered: {why_not}"]
    with _driver(product, level, plan.fixtures) as driver:
        failures = [f"{level}: {fault}" for fault in driver.warm()]
        for case in plan.cases:
            told(driver.run(_with_misses(case)))
        dead = _dead_keepers(driver.place.agent)
        if dead > _MOST_DEAD_KEEPERS:
            failures.append(f"{level}: {dead} ended keepers were never waited for")
        return failures


@contextmanager
def _product(failures: list[str], levels: Sequence[str]) -> Iterator[Product]:
    """A workspace of its own; what its agent leaves behind at its end goes into ``failures``.

    Level none is there to show that the suite finds what it is meant to find.
    """
    with _folder() as folder:
        product = Product(folder / "home", new_secret(), "none" if "none" in levels else "")
        try:
            yield product
        finally:
            if product.get("/livez")[0]:
                failures += product.stop()


@contextmanager
def _driver(product: Product, level: str, fixtures: Path) -> Iterator[Driver]:
    with _place(product, product.home.parent / level, level) as place:
        yield Driver(place, level, _fixtures(fixtures, place))


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder outside /tmp, because boxes have a /tmp of their own and would not even see it."""
    folder = Path(tempfile.mkdtemp(prefix="skyloom-hostile-", dir="/var/tmp"))
    folder.chmod(0o755)  # canaries must be kept from scripts by the box, not by a closed folder above them
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _place(product: Product, folder: Path, level: str) -> Iterator[Place]:
    agent = product.agent_pid()
    first = product.first_uid()
    canaries: Canaries = prepare(folder, product.home, agent, _victim_uids(first, level), product.secret)
    instance = next(iter(product.home.glob("work/instance-*")), Path("instance-none")).name.partition("-")[2]
    try:
        yield Place(folder, product, canaries, agent, instance, first)
    finally:
        canaries.close()


def _victim_uids(first: int | None, level: str) -> list[int | None]:
    """The identities scripts get. Where a box has no process space its identity is cleared by the product."""
    if first is None:
        return [None]
    if level == "kernel-filter":
        return [_NOBODY]
    return [first + 1 + slot for slot in range(_VICTIMS)]


def _fixtures(script: Path, place: Place) -> Path:
    folder = place.folder / "fixtures"
    subprocess.run(
        [sys.executable, str(script), str(folder), str(place.canaries.outside), place.canaries.marker],
        check=True,
        capture_output=True,
        cwd=place.folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return folder


def _with_misses(case: Case) -> Case:
    """Foreign cases do not know our levels; what they may miss is listed here."""
    why = KERNEL_FILTER_MISSES.get(case.name)
    return replace(case, misses={"kernel-filter": why}) if why else case


def _dead_keepers(agent: int) -> int:
    """Children of the zygotes and their nurseries that have ended and that nobody waited for."""
    tree = process_tree(agent)
    parents = {one.pid for one in (*tree.zygotes(), *tree.makers())}
    return sum(
        tree.known[child].state == "Z" for parent in parents for child in tree.children.get(parent, ())
    )
