"""Reuse: an earlier completed node run with the same fingerprint, whose artifacts still exist."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.data_reference import DataReference
from skyloom.core.fingerprint import Parts, fingerprint, fingerprint_parts
from skyloom.core.graph import ModuleNode, PortRef
from skyloom.core.identity import Digest, Json, NodeId, digest_of
from skyloom.core.module import CommandEntry, ModuleSpec, TransferEntry
from skyloom.core.plan import Plan
from skyloom.core.run import NodeRun
from skyloom.engine.ports import ResolvedEnvironment, World
from skyloom.engine.stage import Content


def parts_of(
    spec: ModuleSpec,
    node: ModuleNode,
    values: Mapping[str, Json],
    inputs: Mapping[str, Digest | None],
    environment: ResolvedEnvironment,
    compatibility: bool | None,
) -> Parts:
    """What this node's result depends on; the compatibility layer counts, it changes what scripts do."""
    shimmed = environment.compatibility if compatibility is None else compatibility
    return fingerprint_parts(
        spec,
        node.module,
        values,
        inputs,
        {"name": environment.name, "digest": environment.digest, "compatibility": shimmed},
    )


def input_digests(
    world: World,
    plan: Plan,
    node: ModuleNode,
    inputs: Mapping[str, Content | None],
    done: Mapping[NodeId, NodeRun],
    by_content: bool = False,
) -> dict[str, Digest | None]:
    """What stands for each input in the fingerprint: its content's digest.

    For a step that reads another step's output it is the run that made the output, so that a step runs again
    whenever the one before it did, and for a place it is the place. Source: sdk.md 13, Reuse 2 ("identity of
    the producing run", "not contents"). With ``by_content`` what lies there counts instead.

    Raises
    ------
    ProblemError
        A place cannot be looked at.
    """
    is_step = isinstance(plan.graph.spec(node).entry, (CommandEntry, TransferEntry))
    found: dict[str, Digest | None] = {}
    for port, content in inputs.items():
        found[port] = content.digest if content is not None else None
        if by_content:
            if isinstance(content, DataReference):
                found[port] = world.datastores.content(content)
            continue
        source = plan.sources.get(PortRef(node.id, port))
        producer = done.get(source.node) if source and is_step else None
        if content is not None and source and producer:
            made_by = producer.reused_from or producer.run
            found[port] = digest_of({"run": made_by, "output": source.port, "content": content.digest})
    return found


def may_reuse(spec: ModuleSpec, node: ModuleNode, values: Mapping[str, Json], regenerate: bool) -> str:
    """Nothing when results may be taken over, else why not, in words."""
    if regenerate:
        return "this run was asked to regenerate its results"
    if not node.allow_reuse:
        return "the node does not allow reuse"
    if spec.delivers and values.get("Use cached results") is not True:
        return f"{spec.name} writes to a place outside each time, as 'Use cached results' is off"
    if not spec.deterministic:
        return f"{spec.name} may give another result each time"
    if values.get("Regenerate output") is True:
        return "'Regenerate output' is on"
    return ""


def find_reusable(world: World, parts: Parts) -> tuple[NodeRun | None, str]:
    """The earlier node run whose results can be taken over, and the finding in words."""
    earlier = world.records.reusable(fingerprint(parts))
    if earlier is None:
        return None, "no earlier run had the same module, parameters, inputs and environment"
    gone = missing_results(world, earlier)
    if gone:
        return None, f"the result '{gone[0]}' of run {earlier.run} is no longer stored"
    return earlier, f"same module, parameters, inputs and environment as in run {earlier.run}"


def missing_results(world: World, earlier: NodeRun) -> list[str]:
    """Names of results of a node run that are no longer stored."""
    kept = (*earlier.outputs.values(), *earlier.others)
    return [artifact.name for artifact in kept if not world.artifacts.exists(artifact)]
