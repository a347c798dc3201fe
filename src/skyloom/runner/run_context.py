"""``azureml.core.Run`` as a script sees it inside a box: metrics, files and the identity of its run.

The names are those of the old SDK (``log``, ``log_row``, ``upload_file`` ...), so that scripts written for
it work unchanged. What would change the workspace is refused: a box has no way out.
Source: studio.md 1.7; sdk.md, the table of Run.
"""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.step_words import RECORD_FOLDER, RUN_FILE
from skyloom.runner.fence import safe_text
from skyloom.runner.metric_values import plain_list, plain_row, plain_scalar, plain_table, plain_tree
from skyloom.runner.refused import Refused, refuse
from skyloom.runner.uploads import Uploads

METRICS_LIMIT = 50_000  # entries of one node run; the rest are counted and dropped
LABELS_LIMIT = 10_000


class Recorder:
    """What the script logged and uploaded, in order; read by the runner after the script ended."""

    is_step = False
    of_run = ""  # begins the names of metrics that are logged for the whole run; steps only

    def __init__(self, work: str, notice: Callable[[str], None]) -> None:
        self.work = work
        self.uploads = Uploads(work)
        self.datasets: Optional[Dict[str, Any]] = None  # of a step, once they were asked for
        self.metrics: List[Tuple[str, Json]] = []
        self.labels: List[Tuple[str, str, str, bool]] = []
        self.dropped = 0
        self.notice = notice

    def record(self, name: str, value: Json) -> None:
        if len(self.metrics) >= METRICS_LIMIT:
            self.dropped += 1
            return
        self.metrics.append((safe_text(name)[:255], value))

    def label(self, kind: str, name: str, value: str, of_run: bool) -> None:
        """Note a tag, untag, property or cancel, of this node run or of the whole run."""
        if len(self.labels) < LABELS_LIMIT:
            self.labels.append((kind, safe_text(name)[:255], safe_text(value), of_run))


class Run:
    """The run a script belongs to. Get it with ``Run.get_context()``."""

    _current: Optional[Run] = None

    def __init__(self, recorder: Recorder, is_parent: bool = False) -> None:
        self._recorder = recorder
        self._is_parent = is_parent
        told = told_of_run(recorder.work) if is_parent else {}
        self._tags: Dict[str, str] = told.get("tags", {})
        self._properties: Dict[str, str] = told.get("properties", {})
        self._earlier: List[Tuple[str, Json]] = [(name, value) for name, value in told.get("metrics", [])]
        self._parent: Optional[Run] = None

    @staticmethod
    def get_context(allow_offline: bool = True, used_for_context_manager: bool = False, **_: Any) -> Run:
        """The run of this node; the same object every time."""
        if Run._current is None:
            refuse("Run.get_context() outside a running node")
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
        """The whole run: what was written on it when this step began, and what this step writes on it."""
        if self._is_parent:
            return self
        if self._parent is None:
            self._parent = Run(self._recorder, is_parent=True)
        return self._parent

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
        name = os.environ.get("AZUREML_ARM_PROJECT_NAME", "experiment")
        return Experiment(name, self._recorder.is_step)

    def _record(self, name: str, value: Json) -> None:
        self._recorder.record(self._recorder.of_run + name if self._is_parent else name, value)

    @property
    def tags(self) -> Dict[str, str]:
        return dict(self._tags)

    @property
    def properties(self) -> Dict[str, str]:
        return dict(self._properties)

    @property
    def input_datasets(self) -> Dict[str, Any]:
        """Datasets among the step's inputs: objects, or paths where they are mounted (sdk.md 11)."""
        if self._recorder.datasets is None:
            from skyloom.runner.step_datasets import input_datasets

            self._recorder.datasets = input_datasets(self._recorder.work)
        return self._recorder.datasets

    @property
    def output_datasets(self) -> Dict[str, Any]:
        from skyloom.runner.step_datasets import output_datasets

        return output_datasets()

    def get_status(self) -> str:
        return self.status

    def get_details(self) -> Dict[str, Any]:
        return {"runId": self.id, "status": self.status, "properties": self.properties}

    # metrics

    def log(self, name: str, value: Any, description: str = "", step: Optional[int] = None) -> None:
        """Record one number or text. Logging a name again makes it a list."""
        self._record(name, plain_scalar(name, value))

    def log_list(self, name: str, value: Sequence[Any], description: str = "") -> None:
        self._record(name, plain_list(name, value))

    def log_row(self, name: str, description: Optional[str] = None, **kwargs: Any) -> None:
        """Record one row of a table; further rows of the same name are appended by the reader."""
        self._record(name, plain_row(name, kwargs))

    def log_table(self, name: str, value: Dict[str, Any], description: str = "") -> None:
        self._record(name, plain_table(name, value))

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        """Record a dict, or its JSON text, of the old schema as it is."""
        self._record(name, plain_tree(name, value))

    log_accuracy_table = log_residuals = log_predictions = log_confusion_matrix

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
        self._record(name, self._recorder.uploads.add(target, content))

    def _logged(self) -> List[Tuple[str, Json]]:
        logged, prefix = self._recorder.metrics, self._recorder.of_run
        if not self._is_parent:
            return [one for one in logged if not prefix or not one[0].startswith(prefix)]
        mine = [(key[len(prefix) :], value) for key, value in logged if key.startswith(prefix)]
        return [*self._earlier, *mine]

    def get_metrics(self, name: Optional[str] = None, **_: Any) -> Dict[str, Json]:
        """What was logged so far: one value, or the list of them when a name was logged again."""
        found: Dict[str, Json] = {}
        for key, value in self._logged():
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

    def register_model(
        self,
        model_name: str,
        model_path: Optional[str] = None,
        tags: Optional[Dict[str, Any]] = None,
        properties: Optional[Dict[str, Any]] = None,
        description: Optional[str] = None,
        **more: Any,
    ) -> Any:
        """Have what the run keeps at ``model_path`` registered when the step has ended well."""
        from skyloom.runner.step_models import wish  # most scripts register nothing

        return wish(self, model_name, model_path or model_name, tags, properties, description, more)

    def get_secret(self, name: str) -> str:
        """A secret of the workspace's key vault that the script names."""
        from skyloom.runner.step_secrets import secret  # most scripts have none

        return secret(self._recorder.work, name)

    def get_secrets(self, secrets: Sequence[str]) -> Dict[str, Any]:
        """Several by name; None for one that is not there."""
        from skyloom.runner.step_secrets import StepKeyvault

        return StepKeyvault(self._recorder.work).get_secrets(secrets)

    # labels and life: labels are kept when the step has ended; a run ends when its script ends

    def tag(self, key: str, value: Optional[str] = None) -> None:
        self._tags[str(key)] = str(value)
        self._recorder.label("tag", str(key), str(value), self._is_parent)

    def set_tags(self, tags: Dict[str, str]) -> None:
        for key, value in tags.items():
            self.tag(key, value)

    def get_tags(self) -> Dict[str, str]:
        return self.tags

    def remove_tags(self, tags: Sequence[str]) -> None:
        for key in [tags] if isinstance(tags, str) else tags:
            self._tags.pop(str(key), None)
            self._recorder.label("untag", str(key), "", self._is_parent)

    def add_properties(self, properties: Dict[str, str]) -> None:
        for key, value in properties.items():
            self._properties[str(key)] = str(value)
            self._recorder.label("property", str(key), str(value), self._is_parent)

    def get_properties(self) -> Dict[str, str]:
        return self.properties

    def flush(self, timeout_seconds: int = 300) -> None:
        """Nothing waits: metrics are kept as they are logged."""

    def start(self) -> None:
        """Running already."""

    def complete(self, _set_status: bool = True) -> None:
        """A run ends when its script ends."""

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """What it says is printed; a run fails when its script does (sdk.md 10)."""
        print("The script said that its run fails: %s" % (error_details or error_code or "no reason"))

    def cancel(self) -> None:
        """Have the whole run canceled as soon as this script has ended."""
        self._recorder.label("cancel", "", "", True)
        print("The run is canceled when this script has ended.")

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
        refuse(f"Run.{name}")


class Experiment:
    """The experiment a run belongs to: its name, and a workspace that cannot be reached."""

    def __init__(self, name: str, is_step: bool = False) -> None:
        self.name = name
        known = os.environ.get("AZUREML_ARM_WORKSPACE_NAME", "workspace")
        self.workspace = (StepWorkspace if is_step else Refused)("Workspace", name=known)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        refuse(f"Experiment.{name}")


class StepWorkspace(Refused):
    """The workspace as a step knows it: its names, and the datasets and models that the step was given."""

    @property
    def subscription_id(self) -> str:
        return os.environ.get("AZUREML_ARM_SUBSCRIPTION", "")

    @property
    def resource_group(self) -> str:
        return os.environ.get("AZUREML_ARM_RESOURCEGROUP", "")

    def get_default_keyvault(self) -> Any:
        from skyloom.runner.step_secrets import StepKeyvault

        run = Run._current
        return StepKeyvault(run._recorder.work if run is not None else "")

    @property
    def datasets(self) -> Any:
        from skyloom.runner.step_dataset_finder import given_by_name

        return given_by_name()

    @property
    def models(self) -> Any:
        from skyloom.runner.step_models import Model

        return {model.name: model for model in reversed(Model.list())}


def told_of_run(work: str) -> Dict[str, Any]:
    """What the agent left of the whole run when the step began: tags, properties, metrics."""
    import json

    try:
        with open(os.path.join(work, RECORD_FOLDER, RUN_FILE), encoding="utf-8") as file:
            told: Dict[str, Any] = json.load(file)
    except OSError:
        return {}
    return told


def _png(plot: Any) -> bytes:
    """A picture of pyplot's current figure, or of a Figure."""
    import io

    buffer = io.BytesIO()
    plot.savefig(buffer, format="png")
    return buffer.getvalue()
