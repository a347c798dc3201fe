"""One trial of a sweep whose trials are steps of their own, on several nodes.

The script runs in the step's folder, so that what it leaves is kept however it ends. Its values of the
primary metric and its end are told on stderr, a line of JSON each; its own lines, both streams', are stdout.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict, List, Mapping

from skyloom.core.identity import Json
from skyloom.runner.steps.sweep.trial import Trial, copy_of, with_values
from skyloom.runner.steps.words import work_folder

TRIAL = "SKYLOOM_TRIAL"  # a variable of the step: id, number, values and the name of the metric, as JSON
BEGINS = "Output of the trial:\n"  # on stdout; the trial's log is what follows
VALUE, END = "value", "end"  # [VALUE, number], and at last [END, status, message]
_TICK_S = 0.05
_MOST_MESSAGE = 1 << 18


def carry_out_one(
    told: Mapping[str, Any], options: Dict[str, List[str]], script: List[str], left_out: List[str]
) -> None:
    """Run the trial to its end; give what is asked of the best one, for nobody knows yet which it is."""
    trial = Trial(int(told["number"]), str(told["id"]), dict(told["values"]), work_folder())
    os.write(1, BEGINS.encode())
    trial.start_here(with_values(script, trial.values), options.get("language") != ["program"], left_out)
    known, has_ended = 0, False
    while not has_ended:
        has_ended = trial.look()
        values = trial.primary(told["metric"])
        for value in values[known:]:
            _tell(VALUE, value)
        known = len(values)
        if not has_ended:
            time.sleep(_TICK_S)
    if trial.status == "Completed":
        for wanted, path in zip(options.get("model_file", []), options.get("model", [])):
            copy_of(wanted, path)
    _tell(END, trial.status, trial.message[-_MOST_MESSAGE:])


def _tell(*words: Json) -> None:
    text = (json.dumps(words) + "\n").encode()
    while text:
        text = text[os.write(2, text) :]
