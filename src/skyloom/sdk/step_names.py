"""Everything of the workspace that a step names without listing it: models, datasets, secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skyloom.core.data_api import RegisteredDataset
from skyloom.core.registry import Entry
from skyloom.sdk.step_datasets import datasets_variable
from skyloom.sdk.step_models import models_variable
from skyloom.sdk.step_secrets import secrets_variable
from skyloom.sdk.steps.python_script import SourceStep


@dataclass(frozen=True)
class Named:
    """Models and datasets become inputs of the step; of secrets only the names are in the graph."""

    models: Sequence[Entry] = ()
    datasets: Sequence[RegisteredDataset] = ()
    secrets: Sequence[str] = ()

    @property
    def variables(self) -> dict[str, str]:
        """What the step's process is told of them."""
        told: list[tuple[str, str]] = []
        if self.models:
            told.append(models_variable(self.models))
        if self.datasets:
            told.append(datasets_variable(self.datasets))
        if self.secrets:
            told.append(secrets_variable(self.secrets))
        return dict(told)


NamedBy = Callable[[SourceStep], Named]
