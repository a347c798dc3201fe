"""What of a run configuration is kept and has no effect on this machine, in words. Source: sdk.md 9."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skyloom.sdk.environment_wish import image_of, step_environment


def settings_without_effect(step: Any) -> tuple[str, ...]:
    """One sentence for each setting of a step that somebody changed and that does nothing here."""
    counts = [
        f"{key} (parameter '{value.name}') has no effect: a step runs in one process on this machine"
        for key, value in getattr(step, "runconfig_params", {}).items()
    ]
    runconfig = getattr(step, "runconfig", None)
    return (*counts, *(_sentences(runconfig) if runconfig is not None else ()))


def _sentences(runconfig: Any) -> Iterator[str]:
    nodes = getattr(runconfig, "node_count", 1)
    if isinstance(nodes, int) and nodes > 1:
        yield f"node_count={nodes} has no effect: a step runs on one node, this machine"
    docker = getattr(runconfig, "docker", None)
    environment = getattr(runconfig, "environment", None)
    image = None if environment is None else image_of(environment)
    if getattr(docker, "use_docker", False) and image is None:
        yield "use_docker has no effect: a step runs in a box of its own"
    if environment is None:
        return
    if image is not None:
        told = f"the image '{image.image}'" if image.image else "the Dockerfile"
        yield told + (
            " is used where the agent has Docker or Podman, and the step fails elsewhere"
            if image.is_only
            else " is used where the agent has Docker or Podman; elsewhere the step has the packages alone"
        )
    elif getattr(environment.python, "user_managed_dependencies", False):
        yield "user_managed_dependencies: a step has the default environment of the workspace"
    wish = step_environment(environment)
    if wish.python and not wish.requirements:
        yield f"Python {wish.python} without a package: the default environment and its Python are used"
