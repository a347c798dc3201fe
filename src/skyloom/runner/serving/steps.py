"""Steps of a service: modules prepared once when the worker starts, carried out on each call.

A script's file is run once; its ``azureml_main`` is called on each call, in the same process, so what it
keeps in globals stays, as it did in the old service. A call that kills the process kills this worker only.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import MappingProxyType
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple

import pandas

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table import Table
from skyloom.data.to_frame import frame_from_table
from skyloom.runner import azureml_names
from skyloom.runner.fence import module_problem_from, problem_from, safe_text
from skyloom.runner.function import find_function
from skyloom.runner.inputs import Inputs
from skyloom.runner.message import Input, Job, Output
from skyloom.runner.python_script import (
    SCRIPT_FILE,
    arguments,
    enter_folder,
    entry_point,
    import_script,
    write_script,
)
from skyloom.runner.r_warm import WarmR
from skyloom.runner.result import NOTHING, sort_result
from skyloom.runner.run_context import Recorder
from skyloom.runner.serving.rows import Rows
from skyloom.runner.serving.values import StepValues
from skyloom.runner.sql import call_sql

Contents = Dict[str, Any]  # "node.port" -> Rows, or any object for ports that take no table
_COPIES_LAZILY = int(pandas.__version__.split(".")[0]) >= 3  # a shallow copy is written to apart


class Port(NamedTuple):
    """An input port of a step: where its content comes from; "" when nothing is connected."""

    name: str
    type: str
    source: str


class StepPlan:
    """What a step is, as the dispatcher tells it."""

    def __init__(self, node: str, described: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self.node = node
        self.title: str = described["title"]
        self.entry: Mapping[str, str] = described["entry"]
        self.values = StepValues(described)
        self.inputs = [
            Port(name, item["type"], item["from"]) if item else Port(name, "Dataset", "")
            for name, item in described["inputs"].items()
        ]
        self.outputs: Mapping[str, Mapping[str, Any]] = described["outputs"]
        self.has_bundle = bool(described.get("bundle"))
        self.settings = settings  # work, limits, compatibility


class Step:
    """One module of the graph; ``constants`` are the contents that no call changes."""

    def __init__(self, plan: StepPlan, constants: Mapping[str, Any]) -> None:
        self.plan = plan
        self.constants = {
            port.name: constants[port.source] for port in plan.inputs if port.source in constants
        }

    def run(self, contents: Contents, resolved: Mapping[str, Any]) -> None:
        """Carry the step out: reads its inputs from ``contents`` and puts its outputs there.

        Raises
        ------
        ProblemError
            What the module or the script found wrong; ``where`` names the step.
        MemoryError
            The limit of the worker was reached.
        """
        try:
            made = self.carry_out(contents, self.plan.values.of_call(resolved))
        except MemoryError:
            raise
        except BaseException as error:
            raise ProblemError(self._located(self.problem_of(error))) from error
        for port, content in made.items():
            contents[f"{self.plan.node}.{port}"] = content

    def carry_out(self, contents: Contents, values: Mapping[str, Any]) -> Contents:
        raise NotImplementedError

    def warm(self, values: Mapping[str, Any]) -> None:
        """Do ahead of the first call what needs no rows; what goes wrong is told to whoever calls."""

    def problem_of(self, error: BaseException) -> Problem:
        return module_problem_from(error)

    def content(self, port: Port, contents: Contents) -> Any:
        return contents[port.source] if port.source else None

    def _located(self, problem: Problem) -> Problem:
        inner = f" ({problem.where})" if problem.where else ""
        return Problem(
            problem.code, problem.message, f"{self.plan.title}{inner}", problem.fix, problem.traceback
        )


class FunctionStep(Step):
    """A built-in or installed module.

    A module's file may offer ``prepare(inputs, values, schema)`` beside ``run``: given its fixed inputs and
    the columns of its one other input, it returns the columns of its one output and a function from arrays
    to arrays, or None when it cannot. That spares a call the making of tables.
    """

    def __init__(self, plan: StepPlan, constants: Mapping[str, Any]) -> None:
        super().__init__(plan, constants)
        target = plan.entry.get("target") or ""
        self._function = find_function(target)
        self._prepare: Any = getattr(importlib.import_module(target.partition(":")[0]), "prepare", None)
        free = [port for port in plan.inputs if port.source and port.name not in self.constants]
        self._free = free[0] if len(free) == 1 and len(plan.outputs) == 1 else None
        self._prepared: Tuple[Any, Any, Any] = (None, None, None)  # schema, values, what was prepared

    def carry_out(self, contents: Contents, values: Mapping[str, Any]) -> Contents:
        if self._prepare is not None and self._free is not None:
            quick = self._with_arrays(contents[self._free.source], values)
            if quick is not None:
                return {next(iter(self.plan.outputs)): quick}
        inputs = {port.name: _as_table(self.content(port, contents)) for port in self.plan.inputs}
        made = self._function(MappingProxyType(inputs), values)
        ports = list(self.plan.outputs)
        if not isinstance(made, Mapping) or set(made) != set(ports):
            what = f"The module returned {safe_text(type(made).__name__)}; its outputs are {ports}."
            raise ProblemError(Problem("S012", what, "", "Report this to the module's author."))
        return {port: _as_rows(made[port]) for port in ports}

    def _with_arrays(self, rows: Any, values: Mapping[str, Any]) -> Optional[Rows]:
        if not isinstance(rows, Rows) or rows.arrays is None:
            return None
        schema, known, prepared = self._prepared
        if schema is not rows.attributes or known is not values:
            fixed = {name: _as_table(content) for name, content in self.constants.items()}
            prepared = self._prepare(MappingProxyType(fixed), values, rows.attributes)
            self._prepared = (rows.attributes, values, prepared)
        if prepared is None:
            return None
        attributes, function = prepared
        return Rows(rows.count, attributes, function(rows.arrays))


class SqlStep(Step):
    """Apply SQL Transformation."""

    def carry_out(self, contents: Contents, values: Mapping[str, Any]) -> Contents:
        job = _job(self.plan, values)
        frame = call_sql(job, GivenInputs(job, self.plan, contents, {}))
        return {next(iter(self.plan.outputs)): Rows.of_table(table_from_frame(frame))}


class PythonStep(Step):
    """Execute Python Script."""

    def __init__(self, plan: StepPlan, constants: Mapping[str, Any]) -> None:
        super().__init__(plan, constants)
        self._function = plan.entry.get("function") or "azureml_main"
        self._main: Optional[Callable[..., Any]] = None
        self._text: Any = None
        self._frames = {
            name: frame_from_table(content.table, load_objects=True)
            for name, content in self.constants.items()
            if isinstance(content, Rows)
        }
        self._process = os.getpid()
        self._is_entered = False

    def warm(self, values: Mapping[str, Any]) -> None:
        """Run the script's file now; what is wrong with it is told to whoever calls."""
        try:
            self._entry_point(_job(self.plan, values))
        except Exception:
            self._main = None
        self._leave_if_forked()

    def carry_out(self, contents: Contents, values: Mapping[str, Any]) -> Contents:
        job = _job(self.plan, values)
        main = self._entry_point(job)
        azureml_names.install(Recorder(job.work, _unheard))
        inputs = GivenInputs(job, self.plan, contents, self._frames)
        returned = main(*arguments(main, job.data_inputs, inputs, _unheard))
        self._leave_if_forked()
        made: Contents = {}
        for output, content in zip(job.outputs, sort_result(returned, job.outputs, self._function)):
            if content is not NOTHING:
                made[output.port] = _as_rows(content)
        _close_figures()
        return made

    def problem_of(self, error: BaseException) -> Problem:
        self._leave_if_forked()
        work = self.plan.settings["work"]
        return problem_from(error, os.path.join(work, SCRIPT_FILE), work, self._function)

    def _entry_point(self, job: Job) -> Callable[..., Any]:
        text = job.text_value("R Script", "Python Script")
        if self._main is None or text != self._text:
            path = write_script(job, _unheard)
            if not self._is_entered:
                enter_folder(job)
                self._is_entered = True
            os.chdir(job.work)
            module = import_script(path)
            self._main = entry_point(module, self._function)
            self._text = text
        return self._main

    def _leave_if_forked(self) -> None:
        """A child that the script forked and let run on into our lines has nothing to do here."""
        if os.getpid() != self._process:
            os._exit(0)


class RStep(Step):
    """Execute R Script: an R that stays beside the worker forks for each call (`runner/r_warm.py`)."""

    def __init__(self, plan: StepPlan, constants: Mapping[str, Any]) -> None:
        super().__init__(plan, constants)
        self._r = WarmR()

    def warm(self, values: Mapping[str, Any]) -> None:
        """Start R now; whoever calls first waits for the rest of it."""
        try:
            self._r.warm(_job(self.plan, values), _unheard)
        except ProblemError:
            self._r.close()

    def carry_out(self, contents: Contents, values: Mapping[str, Any]) -> Contents:
        job = _job(self.plan, values)
        made = self._r.call(job, GivenInputs(job, self.plan, contents, {}), _unheard)
        return {
            output.port: _as_rows(content)
            for output, content in zip(job.outputs, made)
            if content is not NOTHING
        }


class GivenInputs(Inputs):
    """Inputs that are in memory already."""

    def __init__(self, job: Job, plan: StepPlan, contents: Contents, frames: Mapping[str, Any]) -> None:
        super().__init__(job, _unheard)
        self._contents = {port.name: contents[port.source] for port in plan.inputs if port.source}
        self._frames = frames

    def value(self, item: Input) -> Any:
        return _as_table(self._contents.get(item.port))

    def argument(self, item: Input) -> Any:
        fixed: Any = self._frames.get(item.port)
        if fixed is not None:  # what a call writes into it, the next must not see
            return fixed.copy(deep=not _COPIES_LAZILY)
        value = self.value(item)
        return frame_from_table(value, load_objects=True) if isinstance(value, Table) else value


def make_step(plan: StepPlan, constants: Mapping[str, Any]) -> Step:
    """The step that carries out an entry.

    Raises
    ------
    ProblemError
        S036 no such function, S037 no such kind of entry.
    """
    kind = (plan.entry.get("kind"), plan.entry.get("language"))
    if kind == ("script", "python"):
        return PythonStep(plan, constants)
    if kind == ("script", "r"):
        return RStep(plan, constants)
    if kind == ("script", "sql"):
        return SqlStep(plan, constants)
    if kind[0] == "function":
        return FunctionStep(plan, constants)
    what = f"No worker can carry out {safe_text(dict(plan.entry))}."
    raise ProblemError(Problem("S037", what, plan.title, "Remove the module from the web service."))


def _job(plan: StepPlan, values: Mapping[str, Any]) -> Job:
    settings = plan.settings
    return Job(
        entry=plan.entry,
        values=values,
        inputs=tuple(
            Input(port.name, port.type, descriptor=0 if port.source else None) for port in plan.inputs
        ),
        outputs=tuple(
            Output(port, item["type"], -1, bool(item.get("optional"))) for port, item in plan.outputs.items()
        ),
        has_bundle=plan.has_bundle,
        wants_compatibility=bool(settings.get("compatibility")),
        limits=settings.get("limits") or {},
        work=settings["work"],
    )


def _as_table(content: Any) -> Any:
    return content.table if isinstance(content, Rows) else content


def _as_rows(content: Any) -> Any:
    if isinstance(content, Table):
        return Rows.of_table(content)
    if isinstance(content, pandas.DataFrame):
        return Rows.of_table(table_from_frame(content))
    return content


def _close_figures() -> None:
    """Figures that a script forgets would fill the memory of a worker that stays."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        pyplot.close("all")


def _unheard(text: str) -> None:
    """Notices have no log in a service."""
