"""What a step is told: its words, its variables, the places of its inputs and outputs. Source: sdk.md 11."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from skyloom.core.data_reference import BLOB_STORE, DEFINITION_STORE, DataReference
from skyloom.core.graph import DataNode, ModuleNode, PortRef
from skyloom.core.identity import Json, NodeId, step_run_id
from skyloom.core.module import CommandEntry, InputPort, OutputPort, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.core.plan import Plan
from skyloom.core.problem import ProblemError
from skyloom.core.run import NodeRun, Run
from skyloom.core.step_words import DATASET_PORT, SECRETS_VARIABLE
from skyloom.core.task import Command, Limits
from skyloom.engine.labels import told_of_run
from skyloom.engine.ports import World
from skyloom.engine.stage import stage_snapshot

MOUNTS = "mounts"  # below the work folder; a datastore's folder is there by its name
PARAMETER = "AML_PARAMETER_"  # a variable, for every parameter of the step
REQUIREMENTS = "Requirements"  # the parameters of a step that decide its environment
PYTHON = "Python Version"
TIMEOUT = "Timeout Seconds"  # how long a step may take; its own limit beside the run's
RETRIES = "Retries"  # how often a step that failed is tried again
OLD_PYTHON = (3, 8)  # as compute/interpreters.py has it
_VERSION = re.compile(r"(\d+)\.(\d+)")
_SETTINGS = (REQUIREMENTS, PYTHON, TIMEOUT, RETRIES)


def step_command(
    world: World,
    run: Run,
    plan: Plan,
    node: ModuleNode,
    values: Mapping[str, Json],
    earlier: Iterable[NodeRun] = (),
) -> Command:
    """Everything about a step's call that does not depend on where its box lies.

    ``earlier`` are node runs of the same run: what they logged for all of it is told to the step.

    Raises
    ------
    ProblemError
        R011: the snapshot is no longer stored.
    """
    spec = plan.graph.spec(node)
    assert isinstance(spec.entry, CommandEntry)
    given = {name: value for name, value in values.items() if name not in _SETTINGS}
    return Command(
        stage_snapshot(world, spec.entry.snapshot),
        tuple(_word(word, given) for word in spec.entry.argv),
        {
            **world.identity(),
            **run_variables(run, node.id),
            **dataset_variables(spec.inputs, spec.outputs),
            **{PARAMETER + _plain(name): text_of(value) for name, value in given.items()},
            **dict(spec.entry.variables),
        },
        {
            port.name: _input_place(plan, run, PortRef(node.id, port.name))
            for port in spec.inputs
            if PortRef(node.id, port.name) in plan.sources
        },
        {
            port.name: f"{MOUNTS}/{_store(port)}/{output_path(run, node.id, port, plan.parameters)}"
            for port in spec.outputs
        },
        {port.name: port.dataset for port in spec.inputs if port.dataset},
        {port.name: port.reading for port in spec.inputs if port.reading},
        frozenset(port.name for port in spec.outputs if port.prepared),
        {
            edge.target.port: edge.staging.path_on_compute
            for edge in plan.graph.edges
            if edge.target.node == node.id and edge.staging.path_on_compute
        },
        told_of_run(world, run, earlier),
        _secrets(world, spec.entry),
    )


def _secrets(world: World, entry: CommandEntry) -> dict[str, str]:
    """What the step named of the key vault when it was submitted; one that is gone since is left out."""
    found: dict[str, str] = {}
    for name in json.loads(dict(entry.variables).get(SECRETS_VARIABLE) or "[]"):
        with suppress(ProblemError):
            found[str(name)] = world.secret(str(name))
    return found


def output_path(run: Run, node: NodeId, port: OutputPort, parameters: Mapping[str, Json]) -> str:
    """Where in its datastore an output of a step lies (sdk.md 11, Where outputs live)."""
    if not port.path:
        return f"azureml/{step_run_id(run.id, node)}/{port.name}"
    path = port.path.replace("{run-id}", step_run_id(run.id, node)).replace("{output-name}", port.name)
    for name, value in parameters.items():
        path = path.replace("{parameter:" + name + "}", text_of(value))
    return path.strip("/")


def dataset_variables(inputs: Sequence[InputPort], outputs: Sequence[OutputPort]) -> dict[str, str]:
    """The names by which a step finds its datasets (sdk.md 11, Other variables)."""
    found: dict[str, str] = {}
    known = [
        f"{port.name}:{port.dataset}"
        for port in inputs
        if port.dataset and not port.name.startswith(DATASET_PORT)
    ]
    made = [port.name for port in outputs if port.prepared]
    if known:
        found["AZUREML_DATASET_ENVIRONMENT_VARS"] = ",".join(known)
    if made:
        found["AZUREML_DATASET_FILE_OUTPUTS"] = ";".join(made)
    return found


def run_variables(run: Run, node: NodeId) -> dict[str, str]:
    """Which run this is, in the old names (sdk.md 11, Run identity variables)."""
    return {
        "AZUREML_RUN_ID": step_run_id(run.id, node),
        "AZUREML_ROOT_RUN_ID": run.id,
        "AZUREML_ARM_PROJECT_NAME": run.experiment,
        "AZUREML_EXPERIMENT_ID": run.experiment,
    }


def step_environment(
    name: str | None, default: str | None, values: Mapping[str, object]
) -> tuple[str | None, str | None, str | None]:
    """Name, script header and requirements by which a step's environment is resolved."""
    requirements, python = values.get(REQUIREMENTS), values.get(PYTHON)
    wanted = requirements if isinstance(requirements, str) and requirements.strip() else None
    asked = name or (None if wanted else default)
    if wanted is None or not isinstance(python, str) or not python or asked not in (None, "studio", "own"):
        return asked, None, wanted  # a Python without a package is the default environment's
    return asked, f'# /// script\n# requires-python = "{python}"\n# ///\n', wanted


def wants_old_names(values: Mapping[str, object]) -> bool:
    """Whether a step asks for a Python of the time of libraries' old names (sdk.md 21, trap 13)."""
    found = _VERSION.match(str(values.get(PYTHON) or ""))
    return found is not None and (int(found[1]), int(found[2])) <= OLD_PYTHON


def step_limits(limits: Limits, values: Mapping[str, Json]) -> Limits:
    """The limits of a step: of the run's time limit and its own, the shorter."""
    own = values.get(TIMEOUT)
    if not isinstance(own, (int, float)) or isinstance(own, bool) or own <= 0:
        return limits
    return replace(limits, timeout_s=own if limits.timeout_s is None else min(limits.timeout_s, own))


def step_retries(values: Mapping[str, Json]) -> int:
    """How often a step is tried again when its program fails or takes too long."""
    found = values.get(RETRIES)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def text_of(value: Json) -> str:
    """A parameter's value as a script reads it: Python's own text of it."""
    return "" if value is None else str(value)


def _word(word: str | PathOf | ParameterRef, values: Mapping[str, Json]) -> str | PathOf:
    return text_of(values.get(word.name)) if isinstance(word, ParameterRef) else word


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in name)


def _store(port: OutputPort) -> str:
    return port.datastore or BLOB_STORE


def _input_place(plan: Plan, run: Run, target: PortRef) -> str:
    """Where an input lies: as in its datastore; what is the same place is put there once for each port."""
    source = plan.sources[target]
    origin = plan.graph.node(source.node)
    below = f"inputs/{target.port}"
    if isinstance(origin, DataNode) and isinstance(origin.data, DataReference):
        if origin.data.datastore == DEFINITION_STORE:
            return f"{below}/{MOUNTS}"  # its files may lie in several stores
        path = origin.data.path.strip("/")
        return f"{below}/{MOUNTS}/{origin.data.datastore}" + (f"/{path}" if path else "")
    if isinstance(origin, ModuleNode):
        made = plan.graph.spec(origin).output(source.port)
        if made is not None:
            return f"{below}/{MOUNTS}/{_store(made)}/{output_path(run, origin.id, made, plan.parameters)}"
    return f"{below}/{source.node}"
