"""From the old SDK's environment tree to what our engine is asked for: requirement lines and a Python.

Source: sdk.md 9 ("Our resolver"), 21 traps 12 and 22.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from skyloom.core.conda_packages import requirements_of
from skyloom.core.conda_wish import CondaWish, chosen_conda
from skyloom.core.environment import NEAREST
from skyloom.core.image_wish import ImageWish, chosen_image
from skyloom.sdk.conda_dependencies import PYTHON


@dataclass(frozen=True)
class StepEnvironment:
    """Requirement lines (none: the default environment), a Python or none, variables, what was left out.

    ``image`` is what somebody chose in place of the default images, which mean nothing here; ``conda`` what
    channels are asked for where the agent can, in place of the requirements that stand for it.
    """

    requirements: tuple[str, ...] = ()
    python: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    image: ImageWish | None = None
    conda: CondaWish | None = None

    def text(self, more: Sequence[str] = ()) -> str:
        """The requirements text of a step, with further packages; empty where it has nothing to say."""
        wishes = (one.lines() for one in (self.image, self.conda) if one is not None)
        lines = (*(line for told in wishes for line in told), *self.requirements, *more)
        return "\n".join((NEAREST, *lines)) if lines else ""


def step_environment(environment: Any) -> StepEnvironment:
    """What of an Environment counts here; ``azureml-*`` is dropped: its names are there anyway."""
    if environment is None:
        return StepEnvironment()
    variables = {str(name): str(value) for name, value in (environment.environment_variables or {}).items()}
    image = image_of(environment)
    dependencies = environment.python.conda_dependencies
    if dependencies is None or (image is not None and image.is_only):
        return StepEnvironment(variables=variables, image=image)
    lines, dropped = requirements_of(dependencies.pip_packages, dependencies.conda_packages)
    conda = chosen_conda(dependencies.conda_packages, dependencies.conda_channels)
    left_out = tuple(line for line in dropped if conda is None or line not in conda.packages)
    python = dependencies.python_version
    # a Python alone does not make another environment where the SDK's own default stands
    return StepEnvironment(lines, "" if python == PYTHON else python, variables, left_out, image, conda)


def image_of(environment: Any) -> ImageWish | None:
    """The image or Dockerfile that somebody chose; the SDK's own default images are none."""
    docker = getattr(environment, "docker", None)
    is_only = bool(getattr(environment.python, "user_managed_dependencies", False))
    dockerfile = _text_of(str(getattr(docker, "base_dockerfile", None) or ""))
    found = chosen_image(str(getattr(docker, "base_image", None) or ""), dockerfile, is_only)
    registry = str(getattr(getattr(docker, "base_image_registry", None), "address", None) or "").strip("/")
    if found is None or not found.image or not registry:
        return found
    return replace(found, image=f"{registry}/{found.image}")


def _text_of(dockerfile: str) -> str:
    """A Dockerfile by its text or its path, as ``base_dockerfile`` takes both."""
    if "\n" in dockerfile or not os.path.isfile(dockerfile):
        return dockerfile
    with open(dockerfile, encoding="utf-8") as file:
        return file.read()
