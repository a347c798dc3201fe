"""The image that a step's environment asks for, as lines of its requirements text.

An image travels with the packages it has, so both are one text: to every resolver the lines are comments.
"""

from __future__ import annotations

from dataclasses import dataclass

# of the old SDK; they stand for "no image of one's own"
DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04"

_IMAGE = "# skyloom image: "
_DOCKERFILE = "# skyloom dockerfile: "
_ONLY = "# skyloom image brings every package"


@dataclass(frozen=True)
class ImageWish:
    r"""A base image or the text of a Dockerfile, never both.

    ``is_only``: the image brings every package (``user_managed_dependencies``), so nothing else can stand in
    for it.

    Examples
    --------
    >>> wish = ImageWish("python:3.11")
    >>> read_image_wish("\n".join((*wish.lines(), "six"))) == wish
    True
    """

    image: str = ""
    dockerfile: str = ""
    is_only: bool = False

    def lines(self) -> tuple[str, ...]:
        """Lines of a requirements text that say so."""
        told = [_DOCKERFILE + line for line in self.dockerfile.splitlines()]
        if not told:
            told = [_IMAGE + self.image]
        return (*told, *([_ONLY] if self.is_only else []))


def read_image_wish(requirements: str | None) -> ImageWish | None:
    """What the lines of a requirements text say; None where they name no image."""
    lines = (requirements or "").split("\n")
    image = next((line.removeprefix(_IMAGE).strip() for line in lines if line.startswith(_IMAGE)), "")
    told = [line.removeprefix(_DOCKERFILE) for line in lines if line.startswith(_DOCKERFILE)]
    if not image and not told:
        return None
    return ImageWish("" if told else image, "\n".join(told), _ONLY in lines)


def chosen_image(image: str, dockerfile: str, is_only: bool) -> ImageWish | None:
    """What somebody chose; the old SDK's own default images are none, and a Dockerfile goes first."""
    if dockerfile.strip():
        return ImageWish(dockerfile=dockerfile, is_only=is_only)
    if image.strip() in ("", DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE):
        return None
    return ImageWish(image.strip(), is_only=is_only)
