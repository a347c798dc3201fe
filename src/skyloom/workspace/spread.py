"""A parallel step on several nodes: each does every n-th mini-batch, and what they made becomes one result.

What a box left is read with care: it is whatever user code wrote.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from skyloom.core.module import PathOf
from skyloom.core.problem import Problem
from skyloom.core.task import Outcome, Produced, Reason, Task
from skyloom.runner.steps.parallel.part import PART, PART_FILE
from skyloom.runner.steps.parallel.settings import Settings, settings_from, why_too_much
from skyloom.runner.steps.words import split_words

_MOST_LINE = 1 << 28
_MOST_NODES = 64


def nodes_wanted(task: Task) -> int:
    """On how many nodes a step asks to be: the ``node_count`` of a parallel step, 1 of every other."""
    settings = _settings(task)
    if settings is None or task.command is None:
        return 1
    options, _ = split_words(_words(task)[1:])
    return max(1, min(int(options["node_count"][-1]), _MOST_NODES))


def part(task: Task, number: int, count: int) -> Task:
    """One node's part of a task."""
    command = task.command
    assert command is not None
    variables = {**command.variables, PART: f"{number}/{count}"}
    folder = os.path.join(task.folder, "nodes", str(number))
    os.makedirs(folder, exist_ok=True)
    return replace(task, command=replace(command, variables=variables), folder=folder)


def joined(task: Task, parts: Sequence[tuple[Task, Outcome]]) -> Outcome:
    """The outcome of the whole; files of the parts are moved into the folder of the task."""
    bad = [outcome for _, outcome in parts if outcome.reason is not None]
    for reason in (Reason.CANCELED, Reason.INTERRUPTED):
        bad.sort(key=lambda one: one.reason != reason)
    settings = _settings(task)
    assert settings is not None
    files = [
        name for number, (one, outcome) in enumerate(parts) for name in _files(task, one, outcome, number)
    ]
    whole = Outcome(
        files=tuple(files),
        metrics=tuple(metric for _, outcome in parts for metric in outcome.metrics),
        isolation=parts[0][1].isolation,
        timings_ms=max((outcome.timings_ms for _, outcome in parts), key=lambda one: one.get("script", 0.0)),
        notices=tuple(dict.fromkeys(notice for _, outcome in parts for notice in outcome.notices)),
    )
    if bad:
        return replace(whole, reason=bad[0].reason, problem=bad[0].problem)
    try:
        sums = _Sums.of([os.path.join(one.folder, "files", PART_FILE) for one, _ in parts])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"What a node told of its mini-batches cannot be read ({type(error).__name__})."
        return replace(
            whole, reason=Reason.NO_RESULT, problem=Problem("C143", what, "", "Run the step again.")
        )
    why = why_too_much(settings, sums.failed_items, sums.failed_batches, sums.batches)
    why = why or ("" if sums.successes else "No item of any mini-batch succeeded.")
    if why:
        problem = Problem(
            "R301", f"ParallelRunError: {why}", task.node, "Look at the traces of the nodes.", sums.trace
        )
        return replace(whole, reason=Reason.SCRIPT_ERROR, problem=problem)
    return replace(whole, outputs=_outputs(task, parts, settings, sums))


@dataclass
class _Sums:
    batches: int = 0
    successes: int = 0
    failed_items: int = 0
    failed_batches: int = 0
    trace: str = ""
    lines: dict[int, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(paths: Sequence[str]) -> _Sums:
        sums = _Sums()
        for path in paths:
            for told in _told(path):
                if "batches" in told:
                    sums.batches = max(sums.batches, int(told["batches"]))
                    continue
                sums.successes += int(told["successes"])
                sums.failed_items += int(told["failed_items"])
                sums.lines[int(told["number"])] = [str(line) for line in told["lines"]]
                if told["trace"]:
                    sums.failed_batches += 1
                    sums.trace = str(told["trace"])
        return sums


def _told(path: str) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        while line := file.readline(_MOST_LINE):
            yield json.loads(line)


def _outputs(
    task: Task, parts: Sequence[tuple[Task, Outcome]], settings: Settings, sums: _Sums
) -> dict[str, Produced]:
    """Each output folder with what every node wrote, and the rows in the order of the mini-batches."""
    assert task.command is not None
    outputs: dict[str, Produced] = {}
    for port, place in task.command.outputs.items():
        target = os.path.join(task.folder, "outputs", port)
        os.makedirs(target, exist_ok=True)
        for number, (_, outcome) in enumerate(parts):
            made = outcome.outputs.get(port)
            if made is not None and os.path.isdir(made.path):
                _move_into(made.path, target, f"node{number}")
        if settings.output_action == "append_row" and port == _output_port(task):
            path = os.path.join(target, os.path.basename(settings.append_row_file_name))
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                for number in sorted(sums.lines):
                    file.writelines(line + "\n" for line in sums.lines[number])
        outputs[port] = Produced("Folder", target, name=place.split("/", 2)[-1])
    return outputs


def _move_into(source: str, target: str, otherwise: str) -> None:
    """Move every file; one of a name that is there goes into a folder of its node."""
    for parent, _, names in os.walk(source):
        for name in names:
            place = os.path.relpath(os.path.join(parent, name), source)
            path = os.path.join(target, place)
            if os.path.lexists(path):
                path = os.path.join(target, otherwise, place)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.rename(os.path.join(parent, name), path)


def _files(task: Task, one: Task, outcome: Outcome, number: int) -> Iterator[str]:
    """Kept files of a part, below the number of its node."""
    for name in outcome.files:
        source = os.path.join(one.folder, "files", name)
        if name == PART_FILE or not os.path.isfile(source):
            continue
        top, _, rest = name.partition("/")
        kept = f"{top}/node{number}/{rest}" if rest else f"node{number}/{top}"
        path = os.path.join(task.folder, "files", kept)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(source, path)
        yield kept


def _settings(task: Task) -> Settings | None:
    """What a parallel step was told; None: it is another step."""
    if task.command is None:
        return None
    options, script = split_words(_words(task)[1:])
    if not {"output_action", "node_count", "run_max_try"} <= options.keys() or not script:
        return None
    try:
        return settings_from(options, script)
    except ValueError:
        return None  # its own driver says what is wrong


def _words(task: Task) -> list[str]:
    assert task.command is not None
    return [word.port if isinstance(word, PathOf) else word for word in task.command.argv]


def _output_port(task: Task) -> str:
    options, _ = split_words(_words(task)[1:])
    return (options.get("output") or [""])[-1]
