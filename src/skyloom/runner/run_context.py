"""``azureml.core.Run`` as a script sees it inside a box: metrics, files and the identity of its run.

The names are those of the old SDK (``log``, ``log_row``, ``upload_file`` ...), so that scripts written for
it work unchanged. What would change the workspace is refused: a box has no way out.
Source: studio.md 1.7; sdk.md, the table of Run.
"""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import safe_text
from skyloom.runner.metric_values import plain_list, plain_row, plain_scalar, plain_table
from skyloom.runner.uploads import Uploads

METRICS_LIMIT = 50_000  # entries of one node run; the rest are counted and dropped


class Recorder:
    """What the script logged and uploaded, in order; read by the runner after the script ended."""

    def __init__(self, work: str, notice: Callable[[str], None]) -> None:
        self.uploads = Uploads(work)
        self.metrics: List[Tuple[str, Json]] = []
        self.dropped = 0
        self.notice = notice

    def record(self, name: str, value: Json) -> None:
        if len(self.metrics) >= METRICS_LIMIT:
            self.dropped += 1
            return
        self.metrics.append((safe_text(name)[:255], value))


class Run:
    """The run a script belongs to. Get it with ``Run.get_context()``."""

    _current: Optional[Run] = None

    def __init__(self, recorder: Recorder, is_parent: bool = False) -> None:
        self._recorder = recorder
        self._is_parent = is_parent
        self._tags: Dict[str, str] = {}
        self._properties: Dict[str, str] = {}

    @staticmethod
    def get_context(allow_offline: bool = True, used_for_context_manager: bool = False, **_: Any) -> Run:
        """The run of this node; the same object every time."""
        if Run._current is None:
            _refuse("Run.get_context() outside a running node")
        return Run._current

    # identity

    @property
    def id(self) -> str:
        if self._is_parent:
            return os.environ.get("AZUREML_ROOT_RUN_ID") or os.environ.get("AZUREML_RUN_ID", "run")
        return os.environ.get("AZUREML_RUN_ID", "run")

    run_id = id

    @property
    def parent(self) -> Run:
        """The run of the whole experiment; what it logs is recorded with this node run."""
        return self if self._is_parent else Run(self._recorder, is_parent=True)

    @property
    def name(self) -> str:
        return self.id

    display_name = name

    @property
    def number(self) -> int:
        return 1

    @property
    def status(self) -> str:
        return "Running"

    @property
    def type(self) -> str:
        return "azureml.StepRun" if not self._is_parent else "azureml.PipelineRun"

    @property
    def experiment(self) -> Experiment:
        return Experiment(os.environ.get("AZUREML_ARM_PROJECT_NAME", "experiment"))

    @property
    def tags(self) -> Dict[str, str]:
        return dict(self._tags)

    @property
    def properties(self) -> Dict[str, str]:
        return dict(self._properties)

    @property
    def input_datasets(self) -> Dict[str, Any]:
        return {}

    output_datasets = input_datasets

    def get_status(self) -> str:
        return self.status

    def get_details(self) -> Dict[str, Any]:
        return {"runId": self.id, "status": self.status, "properties": self.properties}

    # metrics

    def log(self, name: str, value: Any, description: str = "", step: Optional[int] = None) -> None:
        """Record one number or text. Logging a name again makes it a list."""
        self._recorder.record(name, plain_scalar(name, value))

    def log_list(self, name: str, value: Sequence[Any], description: str = "") -> None:
        self._recorder.record(name, plain_list(name, value))

    def log_row(self, name: str, description: Optional[str] = None, **kwargs: Any) -> None:
        """Record one row of a table; further rows of the same name are appended by the reader."""
        self._recorder.record(name, plain_row(name, kwargs))

    def log_table(self, name: str, value: Dict[str, Any], description: str = "") -> None:
        self._recorder.record(name, plain_table(name, value))

    def log_image(
        self, name: str, path: Optional[str] = None, plot: Any = None, description: str = ""
    ) -> None:
        """Keep a picture: exactly one of a file's ``path`` and a ``plot`` (pyplot or a Figure).

        The metric's value is the name of the kept file, ``NAME_<time>.png``.
        """
        if (path is None) == (plot is None):
            raise ProblemError(
                Problem("S021", "log_image takes either path or plot.", "", "Pass one of them.")
            )
        suffix = os.path.splitext(str(path))[1] if path is not None else ".png"
        target = f"{safe_text(name).replace('/', '_')}_{int(time.time())}{suffix}"
        content = path if path is not None else _png(plot)
        self._recorder.record(name, self._recorder.uploads.add(target, content))

    def get_metrics(self, name: Optional[str] = None, **_: Any) -> Dict[str, Json]:
        """What was logged so far: one value, or the list of them when a name was logged again."""
        found: Dict[str, Json] = {}
        for key, value in self._recorder.metrics:
            if name is not None and key != name:
                continue
            seen = found.get(key)
            if key not in found:
                found[key] = value
            else:
                found[key] = [*seen, value] if isinstance(seen, list) else [seen, value]
        return found

    # files

    def upload_file(
        self, name: str, path_or_stream: Any, datastore_name: Optional[str] = None, **_: Any
    ) -> str:
        """Keep a file with the run; PNG files among them are shown as images."""
        return self._recorder.uploads.add(name, path_or_stream)

    def upload_files(self, names: Sequence[str], paths: Sequence[str], **_: Any) -> List[str]:
        if len(names) != len(paths):
            what = f"upload_files got {len(names)} names and {len(paths)} paths."
            raise ProblemError(Problem("S022", what, "", "Pass one name for each path."))
        return [self._recorder.uploads.add(name, path) for name, path in zip(names, paths)]

    def upload_folder(self, name: str, path: str, datastore_name: Optional[str] = None) -> List[str]:
        return self._recorder.uploads.add_folder(name, path)

    def get_file_names(self) -> List[str]:
        return list(self._recorder.uploads.names)

    # labels and life: kept for the length of the script; a run ends when its script ends

    def tag(self, key: str, value: Optional[str] = None) -> None:
        self._tags[str(key)] = str(value)

    def set_tags(self, tags: Dict[str, str]) -> None:
        self._tags = {str(key): str(value) for key, value in tags.items()}

    def get_tags(self) -> Dict[str, str]:
        return self.tags

    def remove_tags(self, tags: Sequence[str]) -> None:
        for key in tags:
            self._tags.pop(str(key), None)

    def add_properties(self, properties: Dict[str, str]) -> None:
        self._properties.update({str(key): str(value) for key, value in properties.items()})

    def get_properties(self) -> Dict[str, str]:
        return self.properties

    def flush(self, timeout_seconds: int = 300) -> None:
        """Nothing waits: metrics are kept as they are logged."""

    def start(self) -> None:
        """Running already."""

    def complete(self, _set_status: bool = True) -> None:
        """A run ends when its script ends."""

    def child_run(self, name: Optional[str] = None, run_id: Optional[str] = None, outputs: Any = None) -> Run:
        return self

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.complete()

    def __repr__(self) -> str:
        return f"Run(Experiment: {self.experiment.name}, Id: {self.id}, Status: {self.status})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        _refuse(f"Run.{name}")


class Experiment:
    """The experiment a run belongs to: its name, and a workspace that cannot be reached."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.workspace = Refused("Workspace", name=os.environ.get("AZUREML_ARM_WORKSPACE_NAME", "workspace"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        _refuse(f"Experiment.{name}")


class Refused:
    """Stands where the old SDK has something that manages the workspace; every use says why it is refused."""

    def __init__(self, what: str, **known: str) -> None:
        self.__dict__.update(known)
        self._what = what

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # copy, pickle and display machinery ask for these
            raise AttributeError(name)
        _refuse(f"{self._what}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        _refuse(f"{self._what}()")

    def __repr__(self) -> str:
        return f"<{self._what}: not reachable from inside a script>"


def _refuse(what: str) -> NoReturn:
    message = f"{what} is not available inside a script: the sandbox has no connection to the workspace."
    fix = (
        "Connect what the script needs to its input ports, and return what it makes through its output ports."
    )
    raise ProblemError(Problem("S020", message, "", fix))


def _png(plot: Any) -> bytes:
    """A picture of pyplot's current figure, or of a Figure."""
    import io

    buffer = io.BytesIO()
    plot.savefig(buffer, format="png")
    return buffer.getvalue()
