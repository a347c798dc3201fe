"""Run: one implementation for the three classes that SDK v1 has for one thing.

A run is a pipeline run, or one step of it; PipelineRun and StepRun differ in their words only (sdk.md 13).
"""

from __future__ import annotations

import builtins
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.identity import SCRIPT_NODE, NodeId, RunId, step_run_id
from skyloom.core.module import CommandEntry, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun
from skyloom.core.run import Run as CoreRun
from skyloom.core.run_notes import note_prefix
from skyloom.core.run_page import page_of
from skyloom.core.state import State, is_terminal
from skyloom.core.step_words import OF_RUN
from skyloom.runner.steps.recorded import CANCELED
from skyloom.sdk.exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
    RunEnvironmentException,
    UserErrorException,
    from_problem,
)
from skyloom.sdk.run_datasets import input_datasets, output_datasets
from skyloom.sdk.run_files import JOB_LOG, OLD_DRIVER_LOG, STDERR_LOG, STDOUT_LOG, RunFiles
from skyloom.sdk.run_status import RUN_WORDS
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment
    from skyloom.sdk.workspace import Workspace


class Run:
    """A run by id; ids of pipeline runs and of step runs both lead to one.

    Parameters
    ----------
    experiment
        The experiment, or anything that has a workspace.
    run_id
        A GUID, whoever submitted the run (sdk.md 21, trap 2).

    Raises
    ------
    UserErrorException
        There is no such run.
    """

    _words: Mapping[State, str] = RUN_WORDS

    def __init__(
        self,
        experiment: Experiment,
        run_id: str,
        outputs: Any = None,
        *,
        _node: NodeId | None = None,
        _graph: Graph | None = None,
        **_: Any,
    ) -> None:
        self.experiment = experiment
        self._api = experiment.workspace._api
        self._run_id, self._node = RunId(run_id), _node
        self._known_graph = _graph
        self._ended: CoreRun | None = None
        if _node is None:
            self._run_id, self._node = self._found(run_id)

    def _found(self, run_id: str) -> tuple[RunId, NodeId | None]:
        """The pipeline run and, for a step run's id, its node."""
        try:
            found = self._api.run(RunId(run_id))
        except ProblemError as error:
            raise from_problem(error) from error
        step = found.step(run_id)
        if step is not None:
            return found.id, step.node
        return found.id, SCRIPT_NODE if found.node(SCRIPT_NODE) is not None else None

    # --- finding ---------------------------------------------------------------------------------------

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Run:
        """A run of a workspace, whatever experiment it belongs to."""
        try:
            found = workspace._api.run(RunId(run_id))
        except ProblemError as error:
            raise from_problem(error) from error
        return Run(workspace._experiment(found.experiment), run_id)

    @staticmethod
    def list(
        experiment: Experiment,
        type: str | None = None,
        tags: Any = None,
        properties: Any = None,
        status: str | None = None,
        include_children: bool = False,
        **_: Any,
    ) -> Iterator[Run]:
        return (
            run
            for run in list_runs(experiment, tags, properties, include_children)
            if status in (None, run.status)
        )

    @staticmethod
    def get_context(allow_offline: bool = True, used_for_context_manager: bool = False, **_: Any) -> Any:
        """An offline run, outside of a step; in a step the runner answers instead of this.

        Raises
        ------
        RunEnvironmentException
            Not ``allow_offline``.
        """
        if not allow_offline:
            raise RunEnvironmentException("Could not load a submitted run: this code does not run in a step.")
        from skyloom.sdk.offline_run import OfflineRun

        return OfflineRun.current()

    # --- what it is ------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return step_run_id(self._run_id, self._node) if self._node is not None else self._run_id

    run_id = id

    @property
    def name(self) -> str:
        """A step's name, or the run's id."""
        return self._run_id if self._is_whole else self._title(NodeId(str(self._node)))

    @property
    def number(self) -> int:
        return 1

    @property
    def type(self) -> str:
        if self._node == SCRIPT_NODE:
            return "azureml.scriptrun"
        return "azureml.PipelineRun" if self._node is None else "azureml.StepRun"

    @property
    def parent(self) -> Any:
        """The pipeline run of a step run; None for what was submitted itself."""
        if self._is_whole:
            return None
        return self.experiment.workspace._whole_run(self.experiment, self._run_id)

    @property
    def _is_whole(self) -> bool:
        """Whether this is all of a run: a pipeline's, or a script's."""
        return self._node in (None, SCRIPT_NODE)

    @property
    def status(self) -> str:
        """In the words of Run, whatever class asks (sdk.md 21, trap 1)."""
        return self._word(RUN_WORDS)

    def get_status(self) -> str:
        return self._word(self._words)

    def get_detailed_status(self) -> dict[str, Any]:
        return {"status": self.status, "details": self._problem_text()}

    def _word(self, words: Mapping[State, str]) -> str:
        run = self._core()
        state = run.state if self._node is None else self._node_of(run).state
        if state is State.FAILED and self._node == SCRIPT_NODE and CANCELED in self._problem_text():
            state = State.CANCELED  # by its own program: the node that wrote it down says so by failing
        live = not is_terminal(state)
        if live and run.cancel_requested and words is RUN_WORDS:
            return "CancelRequested"
        return words[state]

    def _core(self) -> CoreRun:
        """The record of the whole run; one that has ended does not change any more and is kept."""
        if self._ended is not None:
            return self._ended
        found = self._api.run(self._run_id)
        if is_terminal(found.state):
            self._ended = found
        return found

    def _node_of(self, run: CoreRun | None = None) -> NodeRun:
        assert self._node is not None
        found = (run or self._core()).node(self._node)
        if found is None:
            raise UserErrorException(f"Run {self._run_id} has no step '{self._node}'.")
        return found

    @property
    def _graph(self) -> Graph:
        if self._known_graph is None:
            self._known_graph = self._api.graph(self._run_id)
        return self._known_graph

    def _module(self, node: NodeId) -> ModuleNode:
        found = self._graph.node(node)
        assert isinstance(found, ModuleNode)
        return found

    def _title(self, node: NodeId) -> str:
        return self._module(node).title or node

    # --- tree ------------------------------------------------------------------------------------------

    def get_children(
        self,
        recursive: bool = False,
        tags: Any = None,
        properties: Any = None,
        type: str | None = None,
        status: str | None = None,
        _rehydrate_runs: bool = True,
    ) -> Iterator[Any]:
        """Step runs, from the moment of submission on; a step run has none."""
        for step in self._steps():
            if status in (None, step.status):
                yield step

    def _steps(self) -> builtins.list[Any]:
        if not self._is_whole:
            return []
        make = self.experiment.workspace._step_run
        run = self._core()
        steps = [
            make(self.experiment, self._run_id, node.node, self._graph)
            for node in run.nodes
            if node.node != SCRIPT_NODE
        ]
        for step in steps:
            step._ended = self._ended
        return steps

    def child_run(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("A pipeline's runs have no children but their steps.")

    # --- waiting ---------------------------------------------------------------------------------------

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> Any:
        """Wait until it has ended; the details.

        Raises
        ------
        ActivityFailedException
            It failed, and ``raise_on_error``.
        """
        self._wait(show_output, None)
        if raise_on_error:
            self._raise_failure()
        return self.get_details()

    def _wait(self, show_output: bool, timeout_s: float | None) -> None:
        from skyloom.sdk.run_console import RunConsole

        console = RunConsole(self, show_output)
        try:
            console.follow(timeout_s)
        except KeyboardInterrupt as error:
            raise ExperimentExecutionException(
                "The output streaming for the run was interrupted. The run goes on; "
                "PipelineRun(experiment, id) finds it again."
            ) from error

    def _raise_failure(self) -> None:
        if self._word(RUN_WORDS) == "Failed":
            raise ActivityFailedException(json.dumps({"error": self._error()}, indent=4))

    def _failures(self) -> builtins.list[tuple[str, NodeRun]]:
        """Failed nodes with their names: this one's, or all of the run's."""
        run = self._core()
        nodes = [self._node_of(run)] if self._node is not None else [*run.nodes]
        return [(self._title(node.node), node) for node in nodes if node.state is State.FAILED]

    def _error(self) -> dict[str, Any]:
        """The failing step's own message and traceback, in the old tree."""
        details = [
            {"code": node.problem.code, "target": name, "message": _story(node.problem)}
            for name, node in self._failures()
            if node.problem is not None
        ]
        message = details[0]["message"] if details else "The run failed."
        return {"code": "UserError", "message": message, "messageFormat": "{Message}", "details": details}

    def _problem_text(self) -> str:
        return "\n".join(f"{name}: {node.problem}" for name, node in self._failures())

    def cancel(self) -> None:
        """End the run; of a step run, the whole pipeline run."""
        self._api.cancel(self._run_id)

    def complete(self, _set_status: bool = True) -> None:
        raise NotImplementedError("A submitted run ends by itself; cancel() ends it sooner.")

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        raise NotImplementedError("A submitted run ends by itself; cancel() ends it sooner.")

    # --- details ---------------------------------------------------------------------------------------

    def get_details(self) -> dict[str, Any]:
        """The old tree of facts (sdk.md 13)."""
        run = self._core()
        node = self._node_of(run) if self._node is not None else None
        ws = self.experiment.workspace
        details: dict[str, Any] = {
            "runId": self.id,
            "target": (self._module(node.node).compute or "local") if node else "local",
            "status": self.status,
            "startTimeUtc": node.started_at if node else run.created_at,
            "endTimeUtc": node.ended_at if node else run.ended_at,
            "services": {},
            "warnings": [{"source": "Skyloom", "message": text} for text in (node.notices if node else ())],
            "properties": self.get_properties(),
            "inputDatasets": input_datasets(self._graph, self._module(node.node), ws._dataset_by_id)
            if node
            else [],
            "outputDatasets": output_datasets(self._graph, self._module(node.node)) if node else [],
            "runDefinition": self._definition(node.node) if node else {},
            "logFiles": {
                name: f"skyloom:{self.id}/{name}" for name in self.get_file_names() if "log" in name
            },
            "submittedBy": "",
        }
        if self._failures():
            details["error"] = {"error": self._error()}
        return details

    def _definition(self, node: NodeId) -> dict[str, Any]:
        """What was to be run: script, arguments as written, where."""
        module = self._module(node)
        entry = self._graph.spec(module).entry
        if not isinstance(entry, CommandEntry):
            return {"target": module.compute or "local"}
        words = [_as_written(word) for word in entry.argv]
        is_script = entry.language == "python"
        return {
            "script": words[0] if is_script and words else None,
            "command": "" if is_script else " ".join(words),
            "arguments": words[1:] if is_script else [],
            "framework": "Python",
            "communicator": "None",
            "target": module.compute or "local",
            "nodeCount": 1,
            "environmentVariables": dict(entry.variables),
            "sourceDirectoryDataStore": None,
        }

    def get_details_with_logs(self) -> dict[str, Any]:
        """Details with the logs' text in place of their addresses."""
        details = self.get_details()
        files = self._files()
        if files is not None:
            details["logFiles"] = {name: files.log(name) for name in details["logFiles"]}
            details["STDOUT"], details["STDERR"] = files.log(STDOUT_LOG), files.log(STDERR_LOG)
            details["JOBLOG"] = files.log(JOB_LOG)
        return details

    def get_portal_url(self) -> str:
        """The run's page in the Studio; an address that nobody answers where no server is up."""
        return f"{self._api.address() or 'skyloom:local'}/runs/{self._run_id}"

    # --- metrics ---------------------------------------------------------------------------------------

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: Any = None, populate: bool = False
    ) -> dict[str, Any]:
        """What was logged, by name: one value, or a list when a name was logged again."""
        found = gathered(self._logged())
        if recursive:
            for step in self._steps():
                found.update(step.get_metrics())
        return {key: value for key, value in found.items() if name in (None, key)}

    def _logged(self) -> builtins.list[tuple[str, Any]]:
        """What the step logged itself; of a whole run, what its steps logged for it."""
        if self._node is None:
            pairs = [pair for node in self._core().nodes for pair in node.metrics]
            return [(name[len(OF_RUN) :], value) for name, value in pairs if name.startswith(OF_RUN)]
        pairs = [*self._node_of().metrics]
        if self._is_whole:  # the step is the run
            return [(name.removeprefix(OF_RUN), value) for name, value in pairs]
        return [pair for pair in pairs if not pair[0].startswith(OF_RUN)]

    def log(self, *_: Any, **__: Any) -> Any:
        refuse(
            f"{type(self).__name__}.log outside of the run",
            "Log from the step's script with Run.get_context().",
        )

    log_list = log_row = log_table = log_image = upload_file = upload_files = upload_folder = log
    log_confusion_matrix = log_accuracy_table = log_residuals = log_predictions = log

    # --- files -----------------------------------------------------------------------------------------

    def _files(self) -> RunFiles | None:
        return RunFiles(self._api, self._node_of()) if self._node is not None else None

    def get_file_names(self) -> builtins.list[str]:
        files = self._files()
        return files.names() if files else []

    def download_file(
        self, name: str, output_file_path: str | None = None, _validate_checksum: bool = False, **_: Any
    ) -> None:
        """Write one file of the run to a path; by default its base name in the working directory."""
        files = self._files()
        if files is None:
            raise UserErrorException(f"A pipeline run has no file '{name}'; its steps have files.")
        target = output_file_path or os.path.basename(name)
        if output_file_path and (os.path.isdir(target) or target.endswith(os.sep)):
            target = os.path.join(target, os.path.basename(name))
        files.download(name, target)

    def download_files(
        self,
        prefix: str | None = None,
        output_directory: str | None = None,
        output_paths: Sequence[str] | None = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: int | None = None,
    ) -> None:
        """Write every file whose name begins with ``prefix`` below a folder."""
        names = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        for place, name in enumerate(names):
            below = name if append_prefix or not prefix else name[len(prefix) :].lstrip("/")
            given = output_paths[place] if output_paths else below
            self.download_file(name, os.path.join(output_directory or ".", given))

    def get_all_logs(self, destination: str | None = None) -> builtins.list[str]:
        """Write every log to a folder; the paths."""
        written = []
        for run in [self, *self._steps()]:
            if run._node is not None:
                target = os.path.join(destination or ".", run.id, OLD_DRIVER_LOG)
                run.download_file(OLD_DRIVER_LOG, target)
                written.append(target)
        return written

    # --- labels ----------------------------------------------------------------------------------------

    @property
    def tags(self) -> dict[str, str]:
        return self.get_tags()

    def get_tags(self) -> dict[str, str]:
        return self._own(self._api.notes(self._run_id).tags)

    def _own(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Those of the whole run's labels that are this one's; a step's have its node and a line break."""
        prefix = self._prefix
        return {
            key[len(prefix) :]: value
            for key, value in labels.items()
            if key.startswith(prefix) and "\n" not in key[len(prefix) :]
        }

    def tag(self, key: str, value: Any = None) -> None:
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Add tags; numbers and the like are kept as text (sdk.md 21, trap 19)."""
        notes = self._api.notes(self._run_id)
        added = {self._prefix + str(key): str(value) for key, value in tags.items()}
        self._api.annotate(self._run_id, replace(notes, tags={**notes.tags, **added}))

    def remove_tags(self, tags: Any) -> None:
        notes = self._api.notes(self._run_id)
        gone = {self._prefix + str(key) for key in ([tags] if isinstance(tags, str) else tags)}
        kept = {key: value for key, value in notes.tags.items() if key not in gone}
        self._api.annotate(self._run_id, replace(notes, tags=kept))

    @property
    def properties(self) -> dict[str, str]:
        return self.get_properties()

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        notes = self._api.notes(self._run_id)
        added = {self._prefix + str(key): str(value) for key, value in properties.items()}
        self._api.annotate(self._run_id, replace(notes, properties={**notes.properties, **added}))

    def get_properties(self) -> dict[str, str]:
        """Facts in the old names, and what was added."""
        return {**self._own_properties(), **self._own(self._api.notes(self._run_id).properties)}

    def _own_properties(self) -> dict[str, str]:
        run = self._core()
        if self._node is None:
            return {
                "azureml.runsource": "azureml.PipelineRun",
                "runSource": "SDK",
                "runType": "SDK",
                "azureml.parameters": json.dumps(
                    {one.name: run.values.get(one.name, one.default) for one in self._graph.parameters}
                ),
                "azureml.continue_on_step_failure": str(not run.options.stop_on_failure),
                "azureml.pipelineComponent": "pipelinerun",
            }
        node, module = self._node_of(run), self._module(self._node)
        spec = self._graph.spec(module)
        if self._is_whole:
            return {
                "_azureml.ComputeTargetType": "local",
                "ContentSnapshotId": str(getattr(spec.entry, "snapshot", "")),
                "ProcessInfoFile": "azureml-logs/process_info.json",
                "ProcessStatusFile": "azureml-logs/process_status.json",
            }
        found = {
            "azureml.runsource": "azureml.StepRun",
            "azureml.nodeid": str(self._node),
            "azureml.pipelinerunid": str(self._run_id),
            "azureml.pipeline": str(self._run_id),
            "azureml.moduleid": str(module.module),
            **({"runPageUrl": page} if (page := page_of(node.notices)) else {}),
            "azureml.moduleName": self.name,
            "ContentSnapshotId": str(getattr(spec.entry, "snapshot", "")),
            "StepType": spec.category,
            "ComputeTargetType": "local",
        }
        if node.reused_from is not None:
            found["azureml.reusedrunid"] = step_run_id(node.reused_from, self._node)
            found["azureml.reusednodeid"] = str(self._node)
            found["azureml.reusedpipeline"] = found["azureml.reusedpipelinerunid"] = str(node.reused_from)
            found["azureml.isreused"] = "True"
        return found

    @property
    def _prefix(self) -> str:
        """Notes are kept with the pipeline run; those of a step carry its node."""
        return note_prefix(None if self._is_whole else self._node)

    @property
    def display_name(self) -> str:
        return self._api.notes(self._run_id).display_name or self.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self._api.annotate(self._run_id, replace(self._api.notes(self._run_id), display_name=str(name)))

    @property
    def description(self) -> str:
        return self._api.notes(self._run_id).description

    # --- the rest --------------------------------------------------------------------------------------

    def flush(self, timeout_seconds: int = 300) -> None:
        """Nothing waits."""

    def get_secret(self, name: str) -> str:
        """A secret of the workspace's key vault."""
        return self.experiment.workspace.get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: Any) -> dict[str, str | None]:
        return self.experiment.workspace.get_default_keyvault().get_secrets(secrets)

    def get_snapshot_id(self) -> str:
        return self.get_properties().get("ContentSnapshotId", "")

    def register_model(
        self,
        model_name: str,
        model_path: str | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        description: str | None = None,
        datasets: Any = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
        **_: Any,
    ) -> Any:
        """Register a file or folder that the run kept, such as ``outputs/model.pkl``.

        Raises
        ------
        ModelPathNotFoundException
            The run kept nothing of that name.
        """
        facts = {
            "description": description or "",
            "model_framework": model_framework or "Custom",
            "model_framework_version": model_framework_version,
        }
        register = self.experiment.workspace._register_run_file
        return register(self, model_name, model_path, facts, tags, properties)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return (
            f"Run(Experiment: {self.experiment.name},\nId: {self.id},\nType: {self.type},\n"
            f"Status: {self.status})"
        )

    def _repr_html_(self) -> str:
        return (
            "<table><tr><th>Experiment</th><th>Id</th><th>Type</th><th>Status</th></tr>"
            f"<tr><td>{self.experiment.name}</td><td>{self.id}</td><td>{self.type}</td><td>{self.status}</td></tr>"
            "</table>"
        )


def list_runs(experiment: Experiment, tags: Any, properties: Any, include_children: bool) -> Iterator[Run]:
    """Runs of an experiment, newest first, those with the wanted tags and properties."""
    before: RunId | None = None
    while page := experiment.workspace._api.runs(100, before, experiment.name, _marks(tags)):
        for summary in page:
            run = experiment.workspace._whole_run(experiment, summary.id)
            if _wanted(run.get_properties, properties):  # some are told, not written
                yield run
                if include_children:
                    yield from run.get_children()
        before = page[-1].id


def _marks(wanted: Any) -> dict[str, str | None] | None:
    """Tags that runs are to have: one name, names, or names with values."""
    if not wanted:
        return None
    if isinstance(wanted, str):
        return {wanted: None}
    if isinstance(wanted, Mapping):
        return {str(key): str(value) for key, value in wanted.items()}
    return {str(key): None for key in wanted}


def _wanted(have: Any, wanted: Any) -> bool:
    if not wanted:
        return True
    found = have()
    if isinstance(wanted, str):
        return wanted in found
    if isinstance(wanted, Mapping):
        return all(found.get(str(key)) == str(value) for key, value in wanted.items())
    return all(key in found for key in wanted)


def gathered(metrics: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Logged once: the value; again: the list; rows of a table: a list a column (sdk.md 10)."""
    found: dict[str, list[Any]] = {}
    for name, value in metrics:
        found.setdefault(name, []).append(value)
    return {name: _joined(values) for name, values in found.items()}


def _joined(values: list[Any]) -> Any:
    if len(values) == 1:
        return values[0]
    if all(isinstance(value, dict) for value in values):
        columns = dict.fromkeys(column for value in values for column in value)
        return {column: [value.get(column) for value in values] for column in columns}
    return values


def _as_written(word: Any) -> str:
    if isinstance(word, PathOf):
        return f"$AZUREML_DATAREFERENCE_{word.port}"
    return f"$AML_PARAMETER_{word.name}" if isinstance(word, ParameterRef) else str(word)


def _story(problem: Problem) -> str:
    return f"{problem.message}\n{problem.traceback}".strip()
