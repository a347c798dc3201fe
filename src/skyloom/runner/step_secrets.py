"""``Run.get_secret`` inside a step: secrets of the key vault that the agent put beside the step's record."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Sequence

from skyloom.core.problem import Problem, ProblemError
from skyloom.core.step_words import RECORD_FOLDER, SECRETS_FILE
from skyloom.runner.refused import Refused


def secret(work: str, name: str) -> str:
    """A secret by name.

    Raises
    ------
    ProblemError
        W240: it was not brought in.
    """
    known = _all(work)
    if name not in known:
        have = ", ".join(sorted(known)) or "none"
        what = "The secret '%s' was not brought into the step; there is: %s." % (name, have)
        fix = "Put it into the key vault before the run is submitted, and name it as a text in the script."
        raise ProblemError(Problem("W240", what, "", fix))
    return known[name]


class StepKeyvault(Refused):
    """The key vault as a step sees it: what it was given."""

    def __init__(self, work: str) -> None:
        super().__init__("Keyvault")
        self.__dict__["_work"] = work

    def get_secret(self, name: str) -> str:
        return secret(self._work, name)

    def get_secrets(self, secrets: Sequence[str]) -> Dict[str, Any]:
        known = _all(self._work)
        return {name: known.get(name) for name in secrets}


def _all(work: str) -> Dict[str, str]:
    try:
        with open(os.path.join(work, RECORD_FOLDER, SECRETS_FILE), encoding="utf-8") as file:
            told: Dict[str, str] = json.load(file)
    except OSError:
        return {}
    return told
