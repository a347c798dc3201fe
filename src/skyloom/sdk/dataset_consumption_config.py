"""DatasetConsumptionConfig: a dataset as an input of a step, under a name and in a mode. Source: sdk.md 6."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from skyloom.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from skyloom.sdk.pipeline_data import PipelineData
    from skyloom.sdk.pipeline_parameter import PipelineParameter

MODES = ("direct", "download", "mount", "hdfs")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class DatasetConsumptionConfig:
    """How a step takes a dataset.

    Parameters
    ----------
    name
        The input's name; without one it is made from the dataset.
    dataset
        A Dataset, a PipelineParameter whose default is one, ``(workspace, name[, version])``, or what an
        earlier step makes.
    mode
        ``direct`` gives the script an object, ``mount`` and ``download`` a path.

    Raises
    ------
    UserErrorException
        The name or the mode is none, or a table is to be mounted.
    """

    def __init__(
        self,
        name: str | None,
        dataset: Any,
        mode: str = "direct",
        path_on_compute: str | None = None,
    ) -> None:
        if isinstance(dataset, tuple):
            workspace, *which = dataset
            dataset = workspace._dataset(*which)
        if name is not None and not _NAME.fullmatch(name):
            raise UserErrorException(
                f"{name!r} is no name for a dataset's input: letters, digits and '_', no digit first."
            )
        self._name = name
        self.dataset = dataset
        self.path_on_compute = path_on_compute
        self.mode = mode
        self._check_mode(mode)

    @property
    def name(self) -> str:
        return self._name or f"input_{_short(self.dataset)}"

    @property
    def parameter(self) -> PipelineParameter | None:
        """The parameter whose value is the dataset, if it is one."""
        return self.dataset if hasattr(self.dataset, "default_value") else None

    @property
    def definition(self) -> dict[str, Any] | None:
        """The definition of a dataset that is there; None of what a run makes, or of a parameter."""
        return getattr(self.dataset, "_definition", None)

    @property
    def data(self) -> PipelineData | None:
        """What an earlier step makes, if the dataset is that."""
        return getattr(self.dataset, "_data", None)

    @property
    def reading(self) -> dict[str, Any]:
        """Of what an earlier step makes: the definition but for its sources."""
        return getattr(self.dataset, "_reading", None) or {"kind": "file"}

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        return self._with("mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        return self._with("download", path_on_compute)

    def as_direct(self) -> DatasetConsumptionConfig:
        return self._with("direct", None)

    def as_hdfs(self) -> DatasetConsumptionConfig:
        return self._with("hdfs", None)

    def _with(self, mode: str, path_on_compute: str | None) -> DatasetConsumptionConfig:
        self._check_mode(mode)
        made = copy.copy(self)
        made.mode, made.path_on_compute = mode, path_on_compute
        return made

    def _check_mode(self, mode: str) -> None:
        if mode not in MODES:
            raise UserErrorException(f"A dataset's mode is one of {', '.join(MODES)}, not {mode!r}.")
        inner = self.dataset.default_value if self.parameter else self.dataset
        if isinstance(inner, DatasetConsumptionConfig):
            inner = inner.dataset
        kind = (getattr(inner, "_definition", None) or getattr(inner, "_reading", None) or {}).get("kind")
        if kind == "tabular" and mode != "direct":
            raise UserErrorException(
                f"A TabularDataset cannot be given as {mode}: a script gets it as an object."
            )

    def __str__(self) -> str:
        return f"DatasetConsumptionConfig:{self.name}"

    def __repr__(self) -> str:
        return f"DatasetConsumptionConfig({self.name!r}, mode={self.mode!r})"


def _short(dataset: Any) -> str:
    data = getattr(dataset, "_data", None)
    if data is not None:
        return str(data.output_name)
    return str(getattr(dataset, "id", None) or getattr(dataset, "name", "dataset")).partition("-")[0]
