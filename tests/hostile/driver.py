"""Driver: one case at one level, from the command line's start to the last look at the machine."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.hostile import bundling
from tests.hostile.case import Case
from tests.hostile.checks import answer_failures, rerun_failures, roundtrip_failures, strict_json_faults
from tests.hostile.evidence import Answer, Evidence
from tests.hostile.machine_checks import ALWAYS, LOOKS, Aftermath, Place, Snapshot, no_leftovers, snapshot
from tests.hostile.product import NODE, SHORT_TIMEOUT_S, TIMEOUT_S, Order, read_table
from tests.hostile.terminal import control_faults
from tests.hostile.watch import Watch

USUAL_WALL_S = 60.0
GRACE_S = 5.0  # what a run may take past its wall_max_s before the driver gives up
CANCELED_WITHIN_S = 2.0
COMMAND_S = 1.5  # of a command line's own time
TRIVIAL = "import pandas as pd\n\n\ndef azureml_main(a=None, b=None):\n    return pd.DataFrame({'a': [1]})\n"
TERMINAL_CHECKS = {"ui_escapes_log", "ui_escapes_names", "ui_escapes_values"}


@dataclass(frozen=True)
class Verdict:
    """What came of one case at one level."""

    case: str
    level: str
    failures: tuple[str, ...]
    wall_s: float
    miss: str = ""  # why it need not hold at this level
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.failures or bool(self.miss)


@dataclass
class Driver:
    """Runs cases one after the other in one place, at one level."""

    place: Place
    level: str
    fixtures: Path  # folder of hostile input files
    _number: int = field(default=0)

    def run(self, case: Case) -> Verdict:
        """Every check of the case, and those that are asked after any case."""
        order = self._order(case)
        before = snapshot(self.place, [path for path in (order.dataset1, order.bundle) if path])
        with self._watch() as watch:
            seen = self._once(order, case.check.wall_max_s)
        after = Aftermath(self.place, before, seen, watch, (order.output, order.images))
        failures = [
            *answer_failures(case.check, seen, self.level),
            *(fault for name in self._looks(case) for fault in LOOKS[name](after)),
            *self._roundtrip(case, order, seen),
            *self._safely_served(case, seen),
            *self._terminal(case, order, seen),
            *self._trivial(case),
            *self._again(case, order, before),
        ]
        self.place.canaries.mend()
        why = self._why_missed(case)
        notes = (f"holds, though listed as a miss: {why}",) if why and not failures else ()
        return Verdict(case.name, self.level, tuple(failures), seen.wall_s, why if failures else "", notes)

    def warm(self) -> list[str]:
        """The first run at a level, which also makes its boxes; what is wrong with it."""
        return self._run_trivial(patience_s=120)

    def _why_missed(self, case: Case) -> str:
        """Why the case need not hold here; some misses are of boxes without an identity of their own."""
        key = f"{self.level}, same user" if self.place.first_uid is None else self.level
        return case.misses.get(key) or case.misses.get(self.level, "")

    def _looks(self, case: Case) -> list[str]:
        return [name for name in dict.fromkeys((*case.check.host, *ALWAYS)) if name in LOOKS]

    # --- running -------------------------------------------------------------------------------------

    def _order(self, case: Case) -> Order:
        folder = self._folder()
        map_file = folder / "map.csv"
        self.place.canaries.write_map(map_file)
        bundle = (
            self.fixtures / case.check.bundle if case.check.bundle else bundling.helper_for(case.path, folder)
        )
        return Order(
            _script(case, folder),
            folder / "out.parquet",
            folder / "images",
            self.fixtures / case.check.dataset if case.check.dataset else map_file,
            bundle,
            SHORT_TIMEOUT_S if case.expects_timeout else TIMEOUT_S,
            self.level,
        )

    def _folder(self) -> Path:
        self._number += 1
        folder = self.place.folder / f"case-{self.level}-{self._number}"
        folder.mkdir()
        return folder

    def _watch(self) -> Watch:
        port = int(self.place.canaries.rows["listen_port"])
        return Watch(self.place.product, self.place.agent, port, self.place.instance)

    def _once(self, order: Order, wall_max_s: float | None) -> Evidence:
        started = time.monotonic()
        command = self.place.product.start([*order.words(), "--json"])
        answer = self.place.product.answer(command, (wall_max_s or USUAL_WALL_S) + GRACE_S)
        return self._seen(order, answer, time.monotonic() - started)

    def _seen(self, order: Order, answer: Answer, wall_s: float) -> Evidence:
        seen = Evidence(answer, wall_s, _log(answer, "stdout"), _log(answer, "stderr"))
        if order.output.exists():
            try:
                seen = replace(seen, result=read_table(order.output))
            except Exception as error:  # whatever a reader raises is the finding
                seen = replace(seen, unreadable=f"{type(error).__name__}: {error}"[:300])
        return replace(seen, previews_s=self._previews(answer)) if answer.run else seen

    def _previews(self, answer: Answer) -> dict[str, float]:
        """What a page would ask, timed."""
        run = f"/api/v1/runs/{answer.run}"
        paths = {
            "the run's report": f"{run}/report",
            "its log": f"{run}/log?node={NODE}&stream=stdout",
            "its events": f"{run}/events",
        }
        took = {}
        for what, path in paths.items():
            started = time.monotonic()
            status, _ = self.place.product.get(path, timeout_s=30)
            took[what] = time.monotonic() - started if status == 200 else float("inf")
        return took

    # --- checks that need the product again ------------------------------------------------------------

    def _roundtrip(self, case: Case, order: Order, seen: Evidence) -> list[str]:
        """The script returned dataset 1 untouched."""
        if not case.check.roundtrip:
            return []
        assert order.dataset1 is not None
        with order.dataset1.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
        sent = [(name, [row[place] for row in rows]) for place, name in enumerate(names)]
        return roundtrip_failures(sent, seen.result)

    def _safely_served(self, case: Case, seen: Evidence) -> list[str]:
        """There is no page yet that serves images: those listed are PNG files, and nothing else is."""
        if "images_served_safely" not in case.check.host:
            return []
        strange = [path for path in seen.answer.paths("images") if not path.endswith(".png")]
        return [f"{path} is listed as an image" for path in strange]

    def _terminal(self, case: Case, order: Order, seen: Evidence) -> list[str]:
        if not TERMINAL_CHECKS & set(case.check.host):
            return []
        again = replace(order, output=self._folder() / "out.parquet")
        faults = control_faults(self.place.product.on_terminal(again.words()))
        for words in (("runs", "show", seen.answer.run), ("runs", "log", seen.answer.run)):
            faults += control_faults(self.place.product.on_terminal(words))
        return faults

    def _trivial(self, case: Case) -> list[str]:
        return self._run_trivial() if "server_healthy" in case.check.host else []

    def _run_trivial(self, patience_s: float = 30) -> list[str]:
        folder = self._folder()
        script = folder / "trivial.py"
        script.write_text(TRIVIAL, encoding="utf-8")
        order = Order(script, folder / "out.parquet", folder / "images", isolation=self.level)
        command = self.place.product.start([*order.words(), "--json"])
        answer = self.place.product.answer(command, patience_s)
        shutil.rmtree(folder)
        if answer.status == "completed":
            return []
        said = answer.problem or answer.stderr[-300:]
        return [f"a trivial run afterwards gave {answer.status} ({answer.reason}): {said!s}"]

    def _again(self, case: Case, order: Order, before: Snapshot) -> list[str]:
        if case.check.rerun == "all_rows_blocked":
            second = replace(order, output=self._folder() / "out.parquet")
            return rerun_failures(self._once(second, case.check.wall_max_s))
        return self._canceled(order) if case.check.also == "cancel" else []

    def _canceled(self, order: Order) -> list[str]:
        """Run once more, cancel after a second: it ends at once, and nothing of it lives on."""
        order = replace(order, output=self._folder() / "out.parquet", timeout_s=TIMEOUT_S)
        before = snapshot(self.place, ())
        with self._watch() as watch:
            started = time.monotonic()
            command = self.place.product.start([*order.words(), "--json"])
            time.sleep(1.0 + COMMAND_S)
            command.send_signal(signal.SIGINT)
            asked = time.monotonic()
            answer = self.place.product.answer(command, 30)
            took = time.monotonic() - asked
        seen = self._seen(order, answer, time.monotonic() - started)
        failures = [f"cancel: {fault}" for fault in strict_json_faults(answer.stdout)]
        if answer.status != "canceled":
            failures.append(f"cancel: the state is {answer.status} ({answer.reason})")
        if took > CANCELED_WITHIN_S:
            failures.append(f"cancel: it took {took:.1f} s")
        after = Aftermath(self.place, before, seen, watch, (order.output, order.images))
        return failures + [f"cancel: {fault}" for fault in no_leftovers(after)]


def _script(case: Case, folder: Path) -> Path:
    if not case.appended:
        return case.path
    broken = folder / case.path.name
    broken.write_text(f"{case.path.read_text(encoding='utf-8')}\n{case.appended}\n", encoding="utf-8")
    return broken


def verdict_line(verdict: Verdict) -> str:
    word = "MISS" if verdict.failures and verdict.miss else "FAIL" if verdict.failures else "ok"
    return f"{word:4}  {verdict.level:13}  {verdict.wall_s:6.1f} s  {verdict.case}"


def verdict_json(verdict: Verdict, identity: str) -> str:
    return json.dumps(
        {
            "identity": identity,
            "case": verdict.case,
            "level": verdict.level,
            "holds": verdict.holds,
            "wall_s": round(verdict.wall_s, 2),
            "failures": list(verdict.failures),
            "miss": verdict.miss,
            "notes": list(verdict.notes),
        }
    )


def _log(answer: Answer, name: str) -> bytes:
    path = answer.told.get(name)
    try:
        return Path(path).read_bytes() if isinstance(path, str) else b""
    except OSError:
        return b""
