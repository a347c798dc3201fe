"""Submit: a graph document becomes a frozen graph and a run, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from skyloom.core.data_reference import (
    DEFAULT_DATASTORES,
    STORES_OF_OURS,
    DataReference,
    DatasetVersion,
)
from skyloom.core.environment import PYTHON_VERSIONS
from skyloom.core.graph import DataNode, Graph, ModuleNode, Node
from skyloom.core.graph_file import Catalogue, graph_from_document
from skyloom.core.graph_problems import close_name, graph_problems, value_problems
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import Json, NodeId, RunId, is_guid, new_run_id
from skyloom.core.module import CommandEntry, ScriptEntry
from skyloom.core.parameter import parse_text
from skyloom.core.plan import Plan, plan_run
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, Run
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import graph_digest
from skyloom.core.workspace_api import Submission
from skyloom.engine.command import step_environment, wants_old_names
from skyloom.engine.ports import Claim, Claimant, Datasets, Environments, ResolvedEnvironment, World

SCRIPT_NAMES = ("R Script", "Python Script")  # some exported graphs use the second (studio.md corrections)


@dataclass(frozen=True)
class Accepted:
    """A run that is recorded, with what was found out about it on the way; it was not carried out yet.

    ``claim`` is on the oldest free run, which is this one unless others wait.
    """

    run: Run
    graph: Graph
    plan: Plan
    claim: Claim | None = None


def submit(world: World, catalogue: Catalogue, submission: Submission) -> Run:
    """Check everything, freeze the graph, accept the run durably.

    Raises
    ------
    ProblemError
        Every reason why the graph cannot run (codes G).
    """
    return accept(world, catalogue, submission).run


def accept(
    world: World, catalogue: Catalogue, submission: Submission, claimant: Claimant | None = None
) -> Accepted:
    """``submit``; a claimant with room for a run claims one in the same transaction.

    A submission with notes claims nothing: where they could not be written, the claim would be nobody's.
    """
    graph, view = check(world.datasets, world.environments, catalogue, submission, world.datastores.has)
    plan = plan_run(graph, submission.values, submission.options.selection)
    run = _given(submission.run) if submission.run else new_run_id()
    accepted = Run(
        run,
        submission.experiment or view.name or "Untitled",
        graph_digest(graph),
        dict(submission.values),
        submission.origin,
        submission.options,
        created_at=world.now(),
        nodes=tuple(NodeRun(run, node) for node in plan.order),
    )
    if claimant is not None and submission.notes == RunNotes():
        kept, claim = world.records.create_and_claim(accepted, graph, submission.idempotency_key, claimant)
        return Accepted(replace(accepted, id=kept), graph, plan, claim)
    kept = world.records.create(accepted, graph, submission.idempotency_key)
    if kept == run and submission.notes != RunNotes():
        world.records.annotate(run, submission.notes)
    return Accepted(replace(accepted, id=kept), graph, plan)


def _given(run: RunId) -> RunId:
    if not is_guid(run):
        what = f"{run!r:.100} is no id for a run."
        raise ProblemError(Problem("P280", what, "run", "Leave it out: an id is made."))
    return run


def check(
    datasets: Datasets,
    environments: Environments,
    catalogue: Catalogue,
    submission: Submission,
    has_store: Callable[[str], bool] = DEFAULT_DATASTORES.__contains__,
) -> tuple[Graph, GraphView]:
    """The frozen graph of a submission.

    Raises
    ------
    ProblemError
        All problems of the document, its values, datasets, selection and environments.
    """
    graph, view = graph_from_document(submission.document, catalogue)
    faults: list[Problem] = []
    graph = with_settings(graph, submission.settings, faults)
    graph = _frozen(graph, datasets, has_store, faults)
    faults += graph_problems(graph)
    faults += value_problems(graph, submission.values)
    faults += _selection_problems(graph, submission.options.selection)
    faults += _environment_problems(graph, environments, submission.options.environment)
    if faults:
        raise ProblemError(faults)
    return graph, view


def with_settings(graph: Graph, settings: Mapping[str, Json], faults: list[Problem]) -> Graph:
    """The graph with ``NODE.PARAM`` values put in; text is read as the parameter's type."""
    nodes: dict[NodeId, Node] = {node.id: node for node in graph.nodes}
    for place, value in settings.items():
        found = next(
            (
                node
                for node in nodes.values()
                if place.startswith(f"{node.id}.") and isinstance(node, ModuleNode)
            ),
            None,
        )
        if found is None or not isinstance(found, ModuleNode):
            names = [str(node) for node in nodes]
            hint = close_name(place.partition(".")[0], names) or "Write NODE.PARAM=VALUE."
            faults.append(Problem("G001", f"'{place}' names no module of the graph.", place, hint))
            continue
        name = place[len(found.id) + 1 :]
        parameter = graph.spec(found).parameter(name)
        typed = parse_text(parameter, value) if parameter and isinstance(value, str) else value
        nodes[found.id] = replace(found, values={**found.values, name: typed})
    return replace(graph, nodes=tuple(nodes.values()))


def _frozen(
    graph: Graph, datasets: Datasets, has_store: Callable[[str], bool], faults: list[Problem]
) -> Graph:
    """Every dataset at a version and every data node of the type that its content has."""
    nodes: list[Node] = []
    for node in graph.nodes:
        if isinstance(node, DataNode):
            match node.data:
                case DatasetVersion():
                    node = _frozen_dataset(node, node.data, datasets, faults)
                case DataReference(datastore, _) if datastore not in STORES_OF_OURS and not has_store(
                    datastore
                ):
                    faults.append(
                        Problem(
                            "G025",
                            f"There is no datastore '{datastore}' in this workspace.",
                            f"nodes.{node.id}",
                            "Register it, or add the data with 'skyloom dataset add' and name the dataset.",
                        )
                    )
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))


def _frozen_dataset(
    node: DataNode, wanted: DatasetVersion, datasets: Datasets, faults: list[Problem]
) -> DataNode:
    dataset = datasets.find(wanted)
    if dataset is None:
        names = [known.name for known in datasets.all()]
        version = f" version {wanted.version}" if wanted.version else ""
        fix = (
            close_name(wanted.name, names)
            or "Add it with 'skyloom dataset add', or see 'skyloom dataset list'."
        )
        faults.append(
            Problem("G024", f"There is no dataset '{wanted.name}'{version}.", f"nodes.{node.id}", fix)
        )
        return node
    return replace(node, data=DatasetVersion(dataset.name, dataset.version), type=dataset.artifact.type)


def _selection_problems(graph: Graph, selection: tuple[NodeId, ...]) -> Iterator[Problem]:
    for name in selection:
        if not isinstance(graph.node(name), ModuleNode):
            names = [str(node.id) for node in graph.nodes if isinstance(node, ModuleNode)]
            fix = close_name(name, names) or f"Select one of: {', '.join(names)}."
            yield Problem("G001", f"There is no module node '{name}' to select.", name, fix)


def _environment_problems(graph: Graph, environments: Environments, default: str | None) -> Iterator[Problem]:
    for node in graph.nodes:
        if not isinstance(node, ModuleNode):
            continue
        try:
            resolve_environment(environments, graph, node, default, node.values)
        except ProblemError as error:
            for problem in error.problems:
                yield replace(problem, where=problem.where or f"nodes.{node.id}")


def resolve_environment(
    environments: Environments,
    graph: Graph,
    node: ModuleNode,
    default: str | None,
    values: Mapping[str, object],
) -> ResolvedEnvironment:
    """Built-in modules run in ``current``; a Python script in its node's choice, the run's, or ``studio``.

    Where neither names one, the old parameter ``Python Version`` does. A script in R runs beside ``current``,
    in the R of the machine.
    """
    entry = graph.spec(node).entry
    if isinstance(entry, ScriptEntry) and entry.language == "r":
        return environments.with_r()
    if isinstance(entry, CommandEntry):
        found = environments.resolve(*step_environment(node.environment, default, values))
        return replace(found, compatibility=True) if wants_old_names(values) else found
    if not isinstance(entry, ScriptEntry) or entry.language != "python":
        return environments.resolve("current", None, None)
    script = next((values[name] for name in SCRIPT_NAMES if isinstance(values.get(name), str)), None)
    requirements = values.get("Requirements")
    version = values.get("Python Version")
    return environments.resolve(
        node.environment or default or (str(version) if version in PYTHON_VERSIONS else None),
        script if isinstance(script, str) else None,
        requirements if isinstance(requirements, str) and requirements.strip() else None,
    )
