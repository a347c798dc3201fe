"""Reuse: an earlier completed node run with the same fingerprint, whose artifacts still exist."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.fingerprint import Parts, fingerprint, fingerprint_parts
from skyloom.core.graph import ModuleNode
from skyloom.core.identity import Digest, Json
from skyloom.core.module import ModuleSpec
from skyloom.core.run import NodeRun
from skyloom.engine.ports import ResolvedEnvironment, World


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


def may_reuse(spec: ModuleSpec, node: ModuleNode, values: Mapping[str, Json], regenerate: bool) -> str:
    """Nothing when results may be taken over, else why not, in words."""
    if regenerate:
        return "this run was asked to regenerate its results"
    if not node.allow_reuse:
        return "the node does not allow reuse"
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
