"""The driver of a sweep: starts trials, ends hopeless ones, keeps what they left, gives the best model."""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from typing import Any, Dict, List, Mapping, Optional, Union

from skyloom.core.identity import Json
from skyloom.runner.step_record import StepRecorder
from skyloom.runner.steps.sweep.lone import TRIAL, carry_out_one
from skyloom.runner.steps.sweep.policy import Policy
from skyloom.runner.steps.sweep.sampling import Sampler, Seen
from skyloom.runner.steps.sweep.trial import TRIALS, Trial, copy_of, with_values
from skyloom.runner.steps.words import split_words, work_folder

SWEEP_FILE = "_skyloom_sweep.json"  # in the snapshot: what is searched, how, how long
KEPT = "hyperdrive"  # files of trials are kept below this name and their number
RUNS = f"{KEPT}/runs.json"
_TICK_S = 0.05


class SweepError(Exception):
    """No trial gave the primary metric, or none ended well."""


def main() -> None:
    """Carry out the sweep that words and the file in the folder describe; or, when told so, one trial."""
    options, script = split_words(sys.argv[1:])
    if TRIAL in os.environ:
        carry_out_one(json.loads(os.environ.pop(TRIAL)), options, script, [SWEEP_FILE])
        return
    with open(SWEEP_FILE, encoding="utf-8") as file:
        text = file.read()
    sweep = Sweep(json.loads(text), seed_of(text), options, script)
    sweep.run()
    sweep.keep()
    sweep.give_outputs()
    sweep.check()


def seed_of(text: str) -> int:
    """The seed of a sweep: made of its file, so that the same sweep draws the same."""
    return zlib.crc32(text.encode())


class Sweep:
    """One sweep from its first trial to its last: trials are processes beside this one.

    Another place for trials overrides what is below "where trials are"; what is tried, ended and told is
    the same there.
    """

    def __init__(
        self, plan: Dict[str, Any], seed: int, options: Dict[str, List[str]], script: List[str]
    ) -> None:
        self._plan = plan
        self.options = options
        self.script = script
        self._metric: str = plan["metric"]
        self._sign = 1.0 if plan["goal"] == "MAXIMIZE" else -1.0
        self._sampler = Sampler(plan["sampling"], plan["space"], seed)
        self._policy = Policy(plan["policy"], self._sign > 0)
        self._trials: List[Trial] = []
        self._running: List[Trial] = []
        self._recorder: Optional[StepRecorder] = None
        self._lines: List[str] = []

    # --- where trials are ------------------------------------------------------------------------------

    def begin(self, number: int, values: Dict[str, Any]) -> Trial:
        """Start a trial."""
        run_id = f"HD_{os.environ.get('AZUREML_RUN_ID', 'run')}_{number}"
        trial = Trial(number, run_id, values, os.path.join(work_folder(), TRIALS, str(number)))
        is_python = self.options.get("language") != ["program"]
        trial.start(os.getcwd(), with_values(self.script, values), is_python, [SWEEP_FILE])
        return trial

    def side_by_side(self, wished: Optional[int]) -> int:
        """How many trials run at a time; ``wished`` is None where nobody said."""
        return wished or max(1, os.cpu_count() or 1)

    def keep_file(self, name: str, content: Union[str, bytes]) -> None:
        """Keep a file with the sweep; its path, or its bytes."""
        self._recorded.uploads.add(name, content)

    def record(self, name: str, row: Mapping[str, Json]) -> None:
        """Log a metric of the sweep."""
        self._recorded.record(name, {**row})

    def say(self, line: str) -> None:
        """Tell on the console."""
        print(line, flush=True)

    @property
    def _recorded(self) -> StepRecorder:
        if self._recorder is None:
            self._recorder = StepRecorder(work_folder())
        return self._recorder

    # --- trials ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until every trial has ended or the time is over."""
        until = time.monotonic() + 60.0 * float(self._plan["max_duration_minutes"])
        exhausted = False
        while True:
            while not exhausted and len(self._running) < self._most() and self._may_start():
                exhausted = not self._start_one()
            if not self._running:
                return
            if time.monotonic() > until:
                self._say("The time of the sweep is over; trials that run are ended.")
                for trial in self._running:
                    trial.end("Canceled")
                self._running = []
                return
            self.look()
            time.sleep(_TICK_S)

    def _most(self) -> int:
        wished = self._plan.get("max_concurrent_runs")
        return self.side_by_side(max(1, int(wished)) if wished else None)

    def _may_start(self) -> bool:
        return len(self._trials) < int(self._plan["max_total_runs"])

    def _start_one(self) -> bool:
        values = self._sampler.next(self._seen())
        if values is None:
            return False
        number = len(self._trials)
        trial = self.begin(number, values)
        self._trials.append(trial)
        self._running.append(trial)
        self._say(f"Trial {number} started: {json.dumps(values)}")
        return True

    def look(self) -> None:
        """See what became of the trials that run, and end those that are hopeless."""
        for trial in list(self._running):
            known = len(trial.primary(self._metric))
            if trial.look():
                self._running.remove(trial)
                best = self._best_of(trial)
                self._say(f"Trial {trial.number} {trial.status}: {self._metric} {best}")
                if trial.message:
                    self._say(trial.message)
            elif len(trial.primary(self._metric)) > known and self._is_hopeless(trial, known):
                trial.end("Canceled")
                self._running.remove(trial)
                self._say(f"Trial {trial.number} ended early by the policy.")

    def _is_hopeless(self, trial: Trial, known: int) -> bool:
        """Asked for every value since the last look, as if each had been seen at once."""
        values = trial.primary(self._metric)
        others = [one.primary(self._metric) for one in self._trials if one is not trial]
        running = [one.primary(self._metric) for one in self._running if one is not trial]
        return any(
            self._policy.ends(values[:count], others, running) for count in range(known + 1, len(values) + 1)
        )

    def _seen(self) -> Seen:
        """Ended trials with their metric; smaller is better there."""
        found: Seen = []
        for trial in self._trials:
            best = self._best_of(trial)
            if best is not None and trial not in self._running:
                found.append((trial.values, -self._sign * best))
        return found

    def _best_of(self, trial: Trial) -> Optional[float]:
        values = trial.primary(self._metric)
        return self._sign * max(self._sign * value for value in values) if values else None

    # --- results ---------------------------------------------------------------------------------------

    @property
    def best(self) -> Optional[Trial]:
        """The completed trial with the best metric; of equal ones the first."""
        found: Optional[Trial] = None
        for trial in self._trials:
            value = self._best_of(trial)
            if trial.status == "Completed" and value is not None:
                before = self._best_of(found) if found is not None else None
                if before is None or self._sign * value > self._sign * before:
                    found = trial
        return found

    def keep(self) -> None:
        """Everything that trials left, below their numbers, and the list of trials."""
        best = self.best
        for trial in self._trials:
            for name, path in trial.files():
                self.keep_file(f"{KEPT}/{trial.number}/{name}", path)
        told = {
            "metric": self._metric,
            "goal": self._plan["goal"],
            "best": best.id if best is not None else None,
            "runs": [trial.as_json() for trial in self._trials],
        }
        self.keep_file(RUNS, json.dumps(told).encode())
        self.keep_file("azureml-logs/hyperdrive.txt", "\n".join(self._lines).encode())
        if best is not None:
            row: Dict[str, Json] = {"metric_name": self._metric, "run_id": best.id}
            row["metric_value"] = self._best_of(best)
            self.record("best_child_by_primary_metric", row)

    def give_outputs(self) -> None:
        """The metrics file, and files of the best trial where the step is asked for them."""
        for path in self.options.get("metrics", []):
            with open(path, "w", encoding="utf-8") as file:
                json.dump(self.gathered_metrics(), file)
        best = self.best
        for wanted, path in zip(self.options.get("model_file", []), self.options.get("model", [])):
            if best is None:
                continue
            if not copy_of(best.path(wanted), path):
                raise SweepError(lacks(best, wanted))

    def gathered_metrics(self) -> Dict[str, Dict[str, List[Any]]]:
        """Of each trial by its id every value of each metric, in order."""
        gathered: Dict[str, Dict[str, List[Any]]] = {}
        for trial in self._trials:
            mine = gathered.setdefault(trial.id, {})
            for name, value in trial.metrics:
                mine.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        return gathered

    def check(self) -> None:
        if self.best is not None:
            return
        failed = [trial for trial in self._trials if trial.status == "Failed"]
        if failed:
            raise SweepError(f"{len(failed)} of {len(self._trials)} trials failed, none completed with the "
                             f"metric '{self._metric}'.\n{failed[-1].message}")  # fmt: skip
        names = sorted({name for trial in self._trials for name, _ in trial.metrics})
        raise SweepError(f"No trial that completed logged the primary metric '{self._metric}'; logged were: "
                         f"{', '.join(names) or 'none'}.")  # fmt: skip

    def _say(self, line: str) -> None:
        self._lines.append(line)
        self.say(line)


def lacks(best: Trial, wanted: str) -> str:
    """What is said when the best trial did not make the file that is wanted."""
    return f"The best trial, {best.number}, has no '{wanted}'."
