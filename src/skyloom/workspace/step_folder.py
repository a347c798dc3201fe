"""A step's folder for debugging: its exact snapshot, inputs, arguments and environment. Source: sdk.md 20.

What the box gets is laid out by the same code, so the step sees the same; only the box is missing.
"""

from __future__ import annotations

import json
import os

import skyloom
from skyloom.compute.command_folder import CommandFolder
from skyloom.core.graph import ModuleNode
from skyloom.core.identity import Json, NodeId, step_run_id
from skyloom.core.module import CommandEntry, ScriptEntry
from skyloom.core.plan import Plan, plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run
from skyloom.core.state import State
from skyloom.engine.command import step_command
from skyloom.engine.ports import World
from skyloom.engine.stage import input_artifacts, stage_inputs
from skyloom.engine.submit import resolve_environment
from skyloom.runner.step_debug import CALL
from skyloom.workspace.environments import WorkspaceEnvironments
from skyloom.workspace.script_folder import lay_out_script

LAUNCH = "launch.py"
EDITOR = os.path.join(".vscode", "launch.json")
_LAUNCH_TEXT = '''"""Runs step {title!r} of run {run} as it ran.

Under pdb, or with --wait PORT for a debugger that attaches, or with --plain for neither.
Start it with the step's own Python:  {python} {launch}
"""

import os
import sys

module = sys.modules["skyloom"] = type(sys)("skyloom")
module.__path__ = [{package!r}]
from skyloom.runner.{starter} import main

main(os.path.dirname(os.path.abspath(__file__)), sys.argv[1:])
'''


def lay_out_step(
    world: World, environments: WorkspaceEnvironments, run: Run, step: str, folder: str
) -> dict[str, Json]:
    """Fill an empty or missing folder; how the step is started in it.

    Raises
    ------
    ProblemError
        R003 no such step; P220 it is no step, or its folder is not empty; R011, R012 content is gone.
    """
    graph = world.records.graph(run.graph)
    assert graph is not None
    plan = plan_run(graph, run.values, run.options.selection)
    node = _module(plan, _node(run, plan, step))
    spec = graph.spec(node)
    title = node.title or str(node.id)
    is_script = isinstance(spec.entry, ScriptEntry) and spec.entry.language == "python"
    if not (is_script or isinstance(spec.entry, CommandEntry)):
        raise _refused(
            f"'{title}' has no Python of yours to debug.", "Name a step, or a module with a script."
        )
    if isinstance(spec.entry, CommandEntry) and spec.entry.language == "spark":
        raise _refused(
            f"'{title}' runs on a Spark cluster.", "Debug its script with a SparkSession of your own."
        )
    if os.path.isdir(folder) and os.listdir(folder):
        raise _refused(f"The folder '{folder}' is not empty.", "Name another one with --folder.")
    values = plan.values[node.id]
    resolved = resolve_environment(world.environments, graph, node, run.options.environment, values)
    interpreter = environments.interpreter(resolved.digest)
    if interpreter.is_legacy:
        raise _refused(f"'{title}' runs in Python {interpreter.version}.", "Debug it in a newer Python.")
    done = {one.node: one for one in run.nodes}
    staged = stage_inputs(world, input_artifacts(world, plan, node, done))
    os.makedirs(folder, exist_ok=True)
    wish = run.options.compatibility
    compatibility = resolved.compatibility if wish is None else wish
    if isinstance(spec.entry, ScriptEntry):
        lay_out_script(folder, spec.entry, values, staged, compatibility)
    else:
        assert isinstance(spec.entry, CommandEntry)
        layout = CommandFolder(step_command(world, run, plan, node, values), staged, folder, None)
        layout.lay_out()
        call = {**layout.entry(spec.entry.language, folder), "compatibility": compatibility}
        _write(folder, CALL, json.dumps(call, indent=1))
    launch = os.path.join(folder, LAUNCH)
    text = _LAUNCH_TEXT.format(
        title=title,
        run=run.id,
        python=interpreter.path,
        launch=launch,
        starter="script_debug" if isinstance(spec.entry, ScriptEntry) else "step_debug",
        package=os.path.dirname(os.path.abspath(skyloom.__file__)),
    )
    _write(folder, LAUNCH, text)
    _write(folder, EDITOR, json.dumps(_editor_settings(title, interpreter.path, launch), indent=2))
    return {"folder": folder, "launch": launch, "python": interpreter.path, "step": title}


def _editor_settings(title: str, python: str, launch: str) -> Json:
    """For editors that read ``.vscode/launch.json``: one press starts the step with its breakpoints."""
    return {
        "version": "0.2.0",
        "configurations": [
            {
                "name": f"Step {title}",
                "type": "debugpy",
                "request": "launch",
                "python": python,
                "program": launch,
                "args": ["--plain"],
                "console": "integratedTerminal",
                "justMyCode": False,
            }
        ],
    }


def _node(run: Run, plan: Plan, step: str) -> NodeRun:
    """By name, node or step run id; without one, the step that failed or the only one."""
    failed = [node for node in run.nodes if node.state is State.FAILED]
    if not step and (failed or len(run.nodes) == 1):
        return (failed or list(run.nodes))[0]
    for node in run.nodes:
        if step in (node.node, step_run_id(run.id, node.node), _module(plan, node).title):
            return node
    known = ", ".join(node.node for node in run.nodes)
    what = f"The run has no step '{step}'." if step else "The run has several steps and none failed."
    raise ProblemError(Problem("R003", what, run.id, f"Name one of: {known}."))


def _module(plan: Plan, node: NodeRun) -> ModuleNode:
    found = plan.graph.node(NodeId(node.node))
    assert isinstance(found, ModuleNode)
    return found


def _write(folder: str, name: str, text: str) -> None:
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)


def _refused(what: str, fix: str) -> ProblemError:
    return ProblemError(Problem("P220", what, "", fix))
