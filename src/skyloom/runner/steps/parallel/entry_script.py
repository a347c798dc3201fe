"""EntryScript: what ``azureml_user.parallel_run`` offers inside a worker. Source: sdk.md 12."""

from __future__ import annotations

import logging
import os
import sys
from types import ModuleType
from typing import Optional

OUTPUT = "SKYLOOM_PARALLEL_OUTPUT"
LEVEL = "SKYLOOM_PARALLEL_LEVEL"


class EntryScript:
    """Folders and the logger of the step; the same object at every asking."""

    _only: Optional[EntryScript] = None

    def __new__(cls) -> EntryScript:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    @property
    def logger(self) -> logging.Logger:
        found = logging.getLogger("EntryScript")
        if not found.handlers:
            handler = logging.StreamHandler(sys.stdout)
            handler.setFormatter(logging.Formatter("%(asctime)s|%(levelname)s|%(message)s"))
            found.addHandler(handler)
            found.setLevel(os.environ.get(LEVEL, "INFO"))
        return found

    @property
    def working_dir(self) -> str:
        return os.getcwd()

    @property
    def output_dir(self) -> str:
        return os.environ.get(OUTPUT, "")

    @property
    def log_dir(self) -> str:
        return os.path.join(os.getcwd(), "logs", "user")


def offer() -> None:
    """Make ``from azureml_user.parallel_run import EntryScript`` work in this process."""
    package, module = ModuleType("azureml_user"), ModuleType("azureml_user.parallel_run")
    package.__path__ = []
    package.parallel_run = module  # type: ignore[attr-defined]
    module.EntryScript = EntryScript  # type: ignore[attr-defined]
    sys.modules["azureml_user"], sys.modules["azureml_user.parallel_run"] = package, module
