"""InteractiveRun: what Experiment.start_logging gives; a run whose work is this program. Source: sdk.md 10.

It is recorded when it ends (decision 0025): until then it lives here, and the list of runs does not have it.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.core.identity import SCRIPT_NODE, Json, NodeId, RunId, new_run_id
from skyloom.core.problem import ProblemError
from skyloom.runner.metric_values import plain_list, plain_row, plain_scalar, plain_table
from skyloom.runner.steps.recorded import BOOK
from skyloom.runner.uploads import file_name
from skyloom.sdk.driver import DRIVER_FILE, driver_file
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.local_folder import keep_path
from skyloom.sdk.run import Run, gathered
from skyloom.sdk.steps.script_step import ScriptStep

if TYPE_CHECKING:
    from skyloom.core.artifact import Artifact
    from skyloom.sdk.experiment import Experiment


class InteractiveRun(Run):
    """A run that is logged to from outside; ``complete``, ``fail`` and ``cancel`` end it and its children."""

    def __init__(
        self,
        experiment: Experiment,
        parent: InteractiveRun | None = None,
        name: str | None = None,
        outputs: str | None = None,
        display_name: str | None = None,
    ) -> None:
        self.experiment = experiment
        self._api = experiment.workspace._api
        self._known_graph = None
        self._ended = None
        self._parent = parent
        self._children: list[InteractiveRun] = []
        self._name = name
        root = self._root
        self._run_id = root._run_id if parent is not None else RunId(new_run_id())
        self._node = SCRIPT_NODE if parent is None else NodeId(name or f"child {len(root._all())}")
        self._metrics: list[tuple[str, Json]] = []
        self._kept: dict[str, str] = {}  # name -> path of our copy
        self._labels: dict[str, dict[str, str]] = {"tags": {}, "properties": {}}
        self._shown = display_name or ""
        self._outputs = outputs
        self._end = ""  # empty: it runs
        self._message = ""
        self._is_recorded = False
        if parent is None:
            self._folder = tempfile.mkdtemp(prefix="skyloom-run-")
            atexit.register(self._leave)
        else:
            self._folder = root._folder
            parent._children.append(self)

    @property
    def _root(self) -> InteractiveRun:
        return self if self._parent is None else self._parent._root

    def _all(self) -> list[InteractiveRun]:
        """The run itself and every run below it."""
        return [self, *(run for child in self._children for run in child._all())]

    # --- what it is ------------------------------------------------------------------------------------

    @property
    def parent(self) -> Any:
        return self._parent

    @property
    def name(self) -> str:
        return self._name or self.id

    @property
    def status(self) -> str:
        if not self._root._is_recorded:
            return {"": "Running", "completed": "Completed", "failed": "Failed"}.get(self._end, "Canceled")
        return super().status

    def get_status(self) -> str:
        return self.status

    def start(self) -> None:
        """Running already."""

    def get_children(self, recursive: bool = False, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(self._all()[1:] if recursive else list(self._children))

    def child_run(
        self, name: str | None = None, run_id: str | None = None, outputs: Any = None
    ) -> InteractiveRun:
        """A run below this one; it ends by itself, and with this one at the latest."""
        self._check_live()
        taken = {one._node for one in self._root._all()}
        free = name or f"child {len(taken)}"
        while free in taken:
            free = f"{free} (2)"
        return InteractiveRun(self.experiment, self, free)

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Sequence[Any] | None = None
    ) -> list[InteractiveRun]:
        """Several child runs: ``count`` of them, or one for each value of a tag."""
        if (count is None) == (tag_key is None or tag_values is None):
            raise UserErrorException("create_children takes either count, or tag_key with tag_values.")
        if count is not None:
            return [self.child_run() for _ in range(count)]
        made = []
        for value in tag_values or ():
            made.append(self.child_run())
            made[-1].tag(str(tag_key), value)
        return made

    def submit_child(self, config: Any, tags: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Start a run of its own in the same experiment, which knows this one as its parent."""
        run = self.experiment.submit(config, tags, **more)
        run.add_properties({"azureml.parentrunid": self.id})
        return run

    # --- logging ---------------------------------------------------------------------------------------

    def _record(self, plain: Callable[..., Json], name: str, value: Any) -> None:
        self._check_live()
        try:
            self._metrics.append((str(name)[:255], plain(name, value)))
        except ProblemError as error:
            raise from_problem(error) from error

    def log(self, name: str, value: Any, description: str = "", step: int | None = None) -> None:
        """One number or text; logging a name again makes it a list."""
        self._record(plain_scalar, name, value)

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        self._record(plain_list, name, value)

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:
        self._record(plain_row, name, kwargs)

    def log_table(self, name: str, value: Any, description: str = "") -> None:
        self._record(plain_table, name, value)

    def log_image(self, name: str, path: str | None = None, plot: Any = None, description: str = "") -> None:
        """A picture: exactly one of a file and a plot."""
        if (path is None) == (plot is None):
            raise UserErrorException("log_image takes either path or plot.")
        kept = f"{name}_{int(time.time())}.png"
        target = self._place(kept)
        if plot is not None:
            plot.savefig(target, format="png")
        else:
            shutil.copyfile(str(path), target)
        self._metrics.append((str(name)[:255], kept))

    def get_metrics(self, name: str | None = None, recursive: bool = False, *_: Any, **__: Any) -> Any:
        if self._root._is_recorded:
            return super().get_metrics(name, recursive)
        found = gathered(self._metrics)
        for child in self._all()[1:] if recursive else ():
            found.update(gathered(child._metrics))
        return {key: value for key, value in found.items() if name in (None, key)}

    # --- files -----------------------------------------------------------------------------------------

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: str | None = None, **_: Any) -> str:
        """Keep a file, or what a stream gives, under a name."""
        target = self._place(name)
        if hasattr(path_or_stream, "read"):
            content = path_or_stream.read()
            with open(target, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        elif os.path.isfile(path_or_stream):
            shutil.copyfile(path_or_stream, target)
        else:
            raise UserErrorException(f"The file '{path_or_stream}' is not there.")
        return name

    def upload_files(self, names: Sequence[str], paths: Sequence[str], **_: Any) -> list[str]:
        if len(names) != len(paths):
            raise UserErrorException(f"upload_files got {len(names)} names and {len(paths)} paths.")
        return [self.upload_file(name, path) for name, path in zip(names, paths, strict=True)]

    def upload_folder(self, name: str, path: str, datastore_name: str | None = None) -> list[str]:
        """Keep every file below a folder."""
        if not os.path.isdir(path):
            raise UserErrorException(f"'{path}' is not a folder.")
        found = [os.path.join(parent, one) for parent, _, files in os.walk(path) for one in files]
        return [self.upload_file(f"{name}/{os.path.relpath(one, path)}", one) for one in sorted(found)]

    def take_snapshot(self, file_or_folder_path: str) -> str:
        """Keep code with the run, below ``snapshot/``."""
        if os.path.isdir(file_or_folder_path):
            self.upload_folder("snapshot", file_or_folder_path)
        else:
            self.upload_file(f"snapshot/{os.path.basename(file_or_folder_path)}", file_or_folder_path)
        return self.id

    def get_file_names(self) -> list[str]:
        return super().get_file_names() if self._root._is_recorded else sorted(self._kept)

    def download_file(self, name: str, output_file_path: str | None = None, *_: Any, **more: Any) -> None:
        if self._root._is_recorded:
            return super().download_file(name, output_file_path, **more)
        if name not in self._kept:
            have = ", ".join(sorted(self._kept)[:20]) or "none"
            raise UserErrorException(f"File with path {name} was not found, available files include: {have}.")
        target = os.path.abspath(output_file_path or os.path.basename(name))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(self._kept[name], target)

    def _place(self, name: str) -> str:
        self._check_live()
        try:
            plain = file_name(name)
        except ProblemError as error:
            raise from_problem(error) from error
        self._kept[plain] = target = os.path.join(self._folder, f"{len(self._root._all())}.{self._count()}")
        return target

    def _count(self) -> int:
        return sum(len(run._kept) for run in self._root._all())

    # --- labels ----------------------------------------------------------------------------------------

    def _label(self, kind: str) -> dict[str, str]:
        return self._labels[kind]

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        if self._root._is_recorded:
            return super().set_tags(tags)
        self._label("tags").update({str(key): str(value) for key, value in tags.items()})

    def get_tags(self) -> dict[str, str]:
        return super().get_tags() if self._root._is_recorded else dict(self._label("tags"))

    def remove_tags(self, tags: Any) -> None:
        if self._root._is_recorded:
            return super().remove_tags(tags)
        for key in [tags] if isinstance(tags, str) else tags:
            self._label("tags").pop(str(key), None)

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        if self._root._is_recorded:
            return super().add_properties(properties)
        self._label("properties").update({str(key): str(value) for key, value in properties.items()})

    def get_properties(self) -> dict[str, str]:
        return super().get_properties() if self._root._is_recorded else dict(self._label("properties"))

    @property
    def display_name(self) -> str:
        return super().display_name if self._root._is_recorded else self._shown or self.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self._shown = str(name)
        if self._root._is_recorded:
            Run.display_name.fset(self, name)  # type: ignore[attr-defined]

    def get_details(self) -> dict[str, Any]:
        if self._root._is_recorded:
            return super().get_details()
        return {"runId": self.id, "target": "sdk", "status": self.status, "properties": self.get_properties(),
                "inputDatasets": [], "outputDatasets": [], "logFiles": {}, "submittedBy": ""}  # fmt: skip

    # --- its end ---------------------------------------------------------------------------------------

    def complete(self, _set_status: bool = True) -> None:
        """End it well; of a root run, record it and its children."""
        self._close("completed")

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """End it as failed, with the words that are given."""
        self._close("failed", " ".join(str(one) for one in (error_code, error_details) if one))

    def cancel(self) -> None:
        """End it as canceled."""
        self._close("canceled")

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> Any:
        if not self._root._is_recorded:
            raise UserErrorException(
                "An interactive run ends when complete() is called; nothing ends it here."
            )
        return super().wait_for_completion(show_output, wait_post_processing, raise_on_error)

    def _close(self, end: str, message: str = "") -> None:
        if self._end:
            return
        self._end, self._message = end, message
        if self._parent is None:
            for run in self._all()[1:]:
                run._close("completed")
            self._write_down()

    def _check_live(self) -> None:
        if self._end or self._root._end:
            raise UserErrorException(f"The run {self.id} has ended; nothing can be logged to it any more.")

    def _write_down(self) -> None:
        atexit.unregister(self._leave)
        empty = os.path.join(self._folder, "empty")
        os.makedirs(empty, exist_ok=True)
        steps = [run._step(empty, number) for number, run in enumerate(self._all())]
        self.experiment.workspace._submit_script(
            self.experiment, steps[0], steps[1:], self._run_id, self._shown or None
        )
        self._is_recorded = True
        self._wait(False, None)
        for run in self._all():
            if run._labels["tags"]:
                run.set_tags(run._labels["tags"])
            if run._labels["properties"]:
                run.add_properties(run._labels["properties"])
        shutil.rmtree(self._folder, ignore_errors=True)

    def _step(self, empty: str, number: int) -> ScriptStep:
        folder = f"run-{number}"
        files: dict[str, bytes] = {}
        places: dict[str, str] = {}
        for count, (name, path) in enumerate(self._kept.items()):
            places[name] = f"{count}"
            with open(path, "rb") as file:
                files[f"{folder}/{count}"] = file.read()
        book = {"metrics": self._metrics, "files": places, "end": self._end, "message": self._message}
        files[f"{folder}/{BOOK}"] = json.dumps(book).encode()
        made = ScriptStep(
            self._name or "interactive", [DRIVER_FILE, folder], [], None, empty,
            added={**files, **driver_file("recorded")},
        )  # fmt: skip
        made.node_id = self._node  # type: ignore[assignment]  # a live run has one
        return made

    def _leave(self) -> None:
        """The program ends without having ended the run: what was logged is kept all the same."""
        print(f"The run {self.id} was not completed by its program; it is recorded as it stands.")
        self._labels["properties"]["skyloom.ended"] = "with its program"
        self._close("completed")

    def _files(self) -> Any:
        return super()._files() if self._root._is_recorded else _LiveFiles(self)

    def __enter__(self) -> InteractiveRun:
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is None:
            self.complete()
        else:
            self.fail(f"{getattr(kind, '__name__', kind)}: {value}")


class _LiveFiles:
    """What a live run kept, sent to the workspace when it is asked for."""

    def __init__(self, run: InteractiveRun) -> None:
        self._run = run

    def kept(self) -> dict[str, Artifact]:
        """By name, as RunFiles tells them."""
        return {name: keep_path(self._run._api, path) for name, path in self._run._kept.items()}
