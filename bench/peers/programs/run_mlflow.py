"""MLflow project: one entry point as a command in a process of its own, recorded in a local SQLite store."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["HOME"] = tempfile.mkdtemp()
os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{os.environ['HOME']}/mlflow.sqlite"

import mlflow
from serving import serve

HOME = Path(os.environ["HOME"])

(HOME / "MLproject").write_text(
    "name: bench\nentry_points:\n  main:\n    command: python one.py\n", encoding="utf-8"
)
(HOME / "one.py").write_text(
    "import pandas\nframe = pandas.DataFrame({'a': range(10)})\nframe.assign(c=frame['a'] * 2)\n",
    encoding="utf-8",
)


def one() -> None:
    mlflow.projects.run(str(HOME), env_manager="local", synchronous=True)


one()  # the store is made at its first use, which takes its own time
serve({"one": one})
