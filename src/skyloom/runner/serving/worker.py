"""A service's worker: everything is loaded when it starts, then it answers calls until it is ended."""

from __future__ import annotations

import gc
import json
import os
import time
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import numpy

from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.first_rows import first_rows
from skyloom.data.objects import dump_object, load_object
from skyloom.data.table import Column, Table
from skyloom.data.table_bytes import table_bytes, table_from_bytes
from skyloom.data.table_file import open_table
from skyloom.data.to_frame import series_from_column
from skyloom.runner import azureml_names, console, figures
from skyloom.runner.fence import module_problem_from, safe_text
from skyloom.runner.message import FILE_TYPES
from skyloom.runner.run_context import Recorder
from skyloom.runner.serving import frames
from skyloom.runner.serving.coercion import Coercion, InputSchema
from skyloom.runner.serving.frames import FrameReader, Item, frame_of
from skyloom.runner.serving.reply import output_json
from skyloom.runner.serving.request import read_call
from skyloom.runner.serving.rows import Rows, rows_of_table
from skyloom.runner.serving.steps import Contents, Step, StepPlan, make_step
from skyloom.runner.serving.values import GlobalParameters

INPUT = "input:"  # begins the reference to an input of the service
_TOGETHER_S = 0.0005  # replies wait for each other no longer
_REHEARSED_ROWS = 5
_TABLE, _OBJECT, _NOTHING = b"T", b"P", b"N"

Tell = Callable[[Any, Mapping[str, Any]], None]


def serve(connection: Any, message: Mapping[str, Any], descriptors: Sequence[int], tell: Tell) -> None:
    """Load the service, say so with ``tell``, then answer frames of calls until the line is closed."""
    try:
        worker = Worker(message, descriptors)
    except BaseException as error:
        tell(connection, {"problem": module_problem_from(error).as_json()})
        return
    tell(connection, {"problem": None, "inputs": worker.described_inputs()})
    reader = FrameReader()
    while True:
        count = connection.recv_into(reader.space())
        if not count:
            return
        reader.took(count)
        calls = reader.next()
        while calls is not None:
            _answer_all(worker, calls, connection.sendall)
            calls = reader.next()


def _answer_all(worker: Worker, calls: Sequence[Item], send: Callable[[bytes], Any]) -> None:
    """Replies leave together while they come quickly: sending is a good part of a short call."""
    clock = time.perf_counter
    replies: List[Item] = []
    since = clock()
    for call in calls:
        replies.append(worker.answer(call))
        if clock() - since > _TOGETHER_S:
            send(frame_of(replies))
            replies = []
            since = clock()
    if replies:
        send(frame_of(replies))


class Segment:
    """Steps that follow one another in this box, and what passes in and out."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self.steps: List[str] = described["steps"]
        self.reads: List[str] = described["reads"]  # inputs of the service
        self.needs: List[str] = described["needs"]  # contents that earlier segments made
        self.gives: List[str] = described["gives"]
        self.outputs: List[Tuple[str, str]] = [(name, source) for name, source in described["outputs"]]


class Worker:
    """The loaded service."""

    def __init__(self, message: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        service: Mapping[str, Any] = message["service"]
        settings = {name: message.get(name) for name in ("work", "limits", "compatibility")}
        console.attach()
        figures.force_agg(_unheard)
        azureml_names.install(Recorder(str(message["work"]), _unheard))
        numpy.random.seed(numpy.frombuffer(os.urandom(32), numpy.uint32))
        self._constants: Dict[str, Any] = {
            source: _constant(source, item, descriptors) for source, item in service["constants"].items()
        }
        self._inputs: List[str] = [item["name"] for item in service["inputs"]]
        self._schemas = {item["name"]: self._schema(item) for item in service["inputs"]}
        self._coercions = {name: Coercion(schema) for name, schema in self._schemas.items()}
        self._samples = {
            item["name"]: self._constants[item["sample"]] for item in service["inputs"] if item.get("sample")
        }
        self._parameters = GlobalParameters(service["parameters"])
        self._steps: Dict[str, Step] = {
            node: make_step(StepPlan(node, described, settings), self._constants)
            for node, described in service["steps"].items()
        }
        self._segments = {int(place): Segment(item) for place, item in service["segments"].items()}
        for step in self._steps.values():
            step.warm(step.plan.values.of_call(self._parameters.defaults()))
        gc.collect()
        gc.freeze()

    def described_inputs(self) -> Dict[str, Any]:
        """Columns of each input: name, type, and the categories as text."""
        return {
            name: None
            if schema.columns is None
            else [
                [column.name, column.type, _category_texts(schema.categories.get(column.name))]
                for column in schema.columns
            ]
            for name, schema in self._schemas.items()
        }

    def answer(self, call: Item) -> Item:
        """One call's reply; whatever goes wrong is a reply too."""
        try:
            return Item(frames.DONE, 0, self._carry_out(call))
        except ProblemError as error:
            return Item(frames.FAULT, 0, (_problems_json(error.problems),))
        except MemoryError:
            what = "The call needed more memory than a worker of the web service may use."
            problem = Problem("W231", what, "", "Send fewer rows at once, or raise the service's limit.")
            return Item(frames.SPENT, 0, (_problems_json([problem]),))
        except BaseException as error:
            return Item(frames.FAULT, 0, (_problems_json([module_problem_from(error)]),))

    def _carry_out(self, call: Item) -> List[bytes]:
        segment = self._segments[call.segment]
        contents: Contents = dict(self._constants)
        resolved: Mapping[str, Any] = {}
        if call.kind & frames.REHEARSAL:
            resolved = self._parameters.defaults()
            for name in segment.reads:
                contents[INPUT + name] = self._sample_of(name)
        elif call.kind & frames.BODY:
            raw = read_call(call.parts[0], self._inputs)
            resolved = self._parameters.resolve(raw.parameters)
            for name in segment.reads:
                contents[INPUT + name] = self._coercions[name].rows(raw.inputs[name])
        for source, part in zip(segment.needs, call.parts[1:]):
            contents[source] = _received(part, source)
        for node in segment.steps:
            self._steps[node].run(contents, resolved)
        swagger, details = bool(call.kind & frames.SWAGGER), bool(call.kind & frames.DETAILS)
        written = [
            output_json(name, _rows_of(contents, source, name), swagger, details)
            for name, source in segment.outputs
        ]
        return written + [_handed_on(contents.get(source), source) for source in segment.gives]

    def _schema(self, described: Mapping[str, Any]) -> InputSchema:
        name = described["name"]
        if described.get("columns") is not None:
            return InputSchema(name, tuple(_declared(item) for item in described["columns"]))
        sample = self._constants.get(described.get("sample") or "")
        if not isinstance(sample, Rows):
            return InputSchema(name, None)
        table = sample.table
        categories = {
            column.name: column.categories for column in table.columns if column.categories is not None
        }
        return InputSchema(name, table.schema, categories)

    def _sample_of(self, name: str) -> Rows:
        """The first rows of the design-time source, as they are when a request carries them."""
        sample = self._samples.get(name)
        if not isinstance(sample, Rows):
            raise ProblemError(Problem("W222", f"The input {name!r} has no design-time rows.", name))
        columns = tuple(first_rows(column, _REHEARSED_ROWS) for column in sample.table.columns)
        rows = Table(min(sample.count, _REHEARSED_ROWS), columns)
        return rows_of_table(rows, self._schemas[name].columns)


def _declared(item: Mapping[str, Any]) -> ColumnAttributes:
    """A column that a service declares for itself."""
    kind = item["type"]
    unit = "ns" if kind in ("DateTime", "TimeSpan") else None
    encoding = "pickle" if kind == "Object" else None
    underlying = "String" if kind == "Categorical" else None
    return ColumnAttributes(item["name"], kind, unit=unit, encoding=encoding, underlying=underlying)


def _constant(source: str, item: Mapping[str, Any], descriptors: Sequence[int]) -> Any:
    """A fixed content, as steps take it."""
    descriptor = descriptors[item["file"]]
    if item["type"] == "Dataset":
        files = {digest: descriptors[place] for digest, place in (item.get("files") or {}).items()}
        return Rows.of_table(open_table(descriptor, files))
    if item["type"] in FILE_TYPES:
        return f"/proc/self/fd/{descriptor}"
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return load_object(file.read(), source)


def _rows_of(contents: Contents, source: str, name: str) -> Rows:
    content = contents.get(source)
    if not isinstance(content, Rows):
        what = f"The output {name!r} has no table: '{source}' gave {type(content).__name__}."
        raise ProblemError(Problem("W233", safe_text(what), name, "Let the module return a table for it."))
    return content


def _handed_on(content: Any, source: str) -> bytes:
    if content is None:
        return _NOTHING
    if isinstance(content, Rows):
        return _TABLE + table_bytes(content.table)
    return _OBJECT + dump_object(content, source)


def _received(part: bytes, source: str) -> Any:
    if part[:1] == _TABLE:
        return Rows.of_table(table_from_bytes(part[1:]))
    return load_object(part[1:], source) if part[:1] == _OBJECT else None


def _category_texts(categories: Any) -> List[str]:
    if not isinstance(categories, Column):
        return []
    return [safe_text(value) for value in series_from_column(categories, load_objects=True).tolist()]


def _problems_json(problems: Sequence[Problem]) -> bytes:
    return json.dumps([problem.as_json() for problem in problems]).encode()


def _unheard(text: str) -> None:
    """Notices have no log in a service."""
