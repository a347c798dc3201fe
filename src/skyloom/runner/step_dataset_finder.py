"""``azureml.core.Dataset`` inside a step. Source: sdk.md 11, Script patterns that must pass."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Mapping

from skyloom.core import node_log
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.step_words import DATASETS_VARIABLE
from skyloom.runner.refused import Refused
from skyloom.runner.step_datasets import dataset_object, told_datasets


class Dataset:
    """The datasets that the step was given or that it names, and no others."""

    @staticmethod
    def get_by_id(workspace: Any, id: str, **_: Any) -> Any:
        """A dataset among the inputs by its id, which is what a direct input is in the arguments.

        Of another id there is the id alone: enough to write it on a model, and no more.
        """
        work = _work()
        for name, about in told_datasets(work).items():
            if about["id"] == id:
                return dataset_object(work, name, about)
        return _OnlyId(id)

    @staticmethod
    def get_by_name(workspace: Any, name: str, version: Any = "latest", **_: Any) -> Any:
        """A registered dataset that the step names, or one among the inputs by the name of its input.

        Raises
        ------
        ProblemError
            S020: it was not brought in.
        """
        for about in _named():
            if about["name"] == name and str(version) in ("latest", str(about["version"])):
                return _registered(about)
        work = _work()
        told = told_datasets(work)
        if name in told:
            return dataset_object(work, name, told[name])
        have = ", ".join("%s:%s" % (about["name"], about["version"]) for about in _named()) or "none"
        message = "The dataset '%s' (%s) was not brought into the step; there is: %s." % (name, version, have)
        fix = "Name it as a text in the script, or give it: inputs=[dataset.as_named_input('x')]."
        raise ProblemError(Problem("S020", message, "", fix))

    get = get_by_name
    Tabular = Refused("Dataset.Tabular")
    File = Refused("Dataset.File")


def given_by_name() -> Dict[str, Any]:
    """``workspace.datasets``: the newest version of each that was brought in."""
    return {about["name"]: _registered(about) for about in reversed(_named())}


def _registered(about: Mapping[str, Any]) -> Any:
    work = _work()
    found = dataset_object(work, about["name"], told_datasets(work)[about["port"]])
    found.version = about["version"]
    found.description = about["description"]
    found.tags = dict(about["tags"])
    return found


def _named() -> List[Dict[str, Any]]:
    return list(json.loads(os.environ.get(DATASETS_VARIABLE) or "[]"))


def _work() -> str:
    run: Any = node_log.offered()
    return str(run._recorder.work) if run is not None else ""


class _OnlyId(Refused):
    """A dataset of which the step knows the id and nothing else."""

    def __init__(self, id: str) -> None:
        super().__init__("A dataset that the step was not given", id=id)
