"""What an environment asks of conda channels, as lines of its requirements text.

To a resolver of Python's index the lines are comments; the requirements beside them stand for the same
packages there (conda_packages.py), for machines that have no channels. Source: sdk.md 9, stack.md 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skyloom.core.conda_packages import is_of_the_sdk, requirements_of

USUAL_CHANNEL = "conda-forge"
NO_DEFAULTS = "nodefaults"  # conda's word for: these channels and no other
_WHOLE = ("defaults", "main", "pkgs/main", "anaconda", USUAL_CHANNEL)  # each has a Python and what it needs

_PACKAGE = "# skyloom conda package: "
_CHANNEL = "# skyloom conda channel: "


@dataclass(frozen=True)
class CondaWish:
    r"""Packages in conda's own spelling, and the channels that are asked, the first one first.

    Examples
    --------
    >>> wish = CondaWish(("gdal", "numpy=1.26"), ("pytorch", "conda-forge"))
    >>> read_conda_wish("\n".join((*wish.lines(), "six"))) == wish
    True
    """

    packages: tuple[str, ...]
    channels: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Lines of a requirements text that say so."""
        return (*(_CHANNEL + one for one in self.channels), *(_PACKAGE + one for one in self.packages))


def chosen_conda(packages: Iterable[str], channels: Iterable[str]) -> CondaWish | None:
    """What somebody chose; None where no line names a package that Python's index might have.

    ``pip``, ``mkl`` or ``cudatoolkit`` alone accompany packages of pip, which bring such things along. conda
    itself asked its defaults after the channels that were named, unless told ``nodefaults``; here conda-forge
    is asked, where none of the channels is such a one.

    >>> chosen_conda(["numpy=1.26", "pip"], ["pytorch"])
    CondaWish(packages=('numpy=1.26', 'pip'), channels=('pytorch', 'conda-forge'))
    >>> chosen_conda(["pip", "mkl"], ["pytorch"])
    """
    asked = [" ".join(line.split()) for line in packages if not is_of_the_sdk(line)]
    if not requirements_of((), asked)[0]:
        return None
    named = list(dict.fromkeys("".join(one.split()).rstrip("/") for one in channels if one.strip()))
    found = [one for one in named if one != NO_DEFAULTS]
    if not found or (NO_DEFAULTS not in named and not any(one in _WHOLE for one in found)):
        found.append(USUAL_CHANNEL)
    return CondaWish(tuple(sorted(set(asked))), tuple(found))


def read_conda_wish(requirements: str | None) -> CondaWish | None:
    """What the lines of a requirements text say; None where they ask for nothing of conda."""
    lines = (requirements or "").split("\n")
    packages = [line.removeprefix(_PACKAGE).strip() for line in lines if line.startswith(_PACKAGE)]
    channels = [line.removeprefix(_CHANNEL).strip() for line in lines if line.startswith(_CHANNEL)]
    return CondaWish(tuple(packages), tuple(channels)) if packages and channels else None
