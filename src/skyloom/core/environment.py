"""Environment: which Python and which packages a script runs with, and the digest of that wish."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from skyloom.core.conda_wish import CondaWish
from skyloom.core.identity import Digest, digest_of

STUDIO = "studio"  # the default: what old Studio scripts import, pinned
CURRENT = "current"  # the interpreter that runs the agent, packages as installed
OWN = "own"  # what the script itself or its requirements parameter asks for
IMAGE = "image"  # a container image, with or without further packages
STUDIO_27 = "studio-2.7"  # Python 2.7 with packages of its time, where the machine has that Python
STUDIO_36 = "studio-3.6"
LEGACY = {STUDIO_27: "2.7", STUDIO_36: "3.6"}  # environment -> the Python it needs
BUILT_IN = (STUDIO, STUDIO_36, STUDIO_27, CURRENT, OWN)

# values of Execute Python Script's `Python Version` (studio.md 1.1)
PYTHON_VERSIONS = {
    "Anaconda 2.0/Python 2.7.7": STUDIO_27,
    "Anaconda 4.0/Python 2.7.11": STUDIO_27,
    "Anaconda 4.0/Python 3.5": STUDIO_36,
}

# a line of a requirements text; what can no longer be installed gives way to the nearest version that can
NEAREST = "# nearest versions will do"

USUAL_PYTHON = "3.11"  # asked for where nothing is said; Source: stack.md 3.3


@dataclass(frozen=True)
class Environment:
    """A wish, not yet a folder: equal wishes have equal digests, whatever they are called.

    Parameters
    ----------
    name
        What people call it; not part of the digest.
    python
        A bare version ("3.11") is a wish that the nearest Python found may fulfil. A PEP 440 specifier
        (">=3.11") is a condition that must hold.
    packages
        Requirement lines (PEP 508), kept sorted and without repetition.
    image
        Container image, or None.
    dockerfile
        Text of a Dockerfile in place of an image; may be empty.
    variables
        Environment variables as (name, value), kept sorted.
    takes_nearest
        Whether versions that cannot be installed give way to the nearest that can.
    compatibility
        Whether scripts get the helpers for old pandas when nothing else is said; follows from the packages
        and is not part of the digest.
    notices
        What was decided on the reader's behalf; not part of the digest.
    conda
        What is asked of conda channels, or None. ``packages`` holds what stands for it in Python's index, and
        the packages of pip.

    Examples
    --------
    >>> one = Environment("mine", "3.11", ("pandas<3", "lightgbm"))
    >>> other = Environment("yours", "3.11", ("lightgbm", "pandas<3", "lightgbm"))
    >>> one.digest == other.digest
    True
    """

    name: str
    python: str
    packages: tuple[str, ...] = ()
    image: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    compatibility: bool = field(default=False, compare=False)
    takes_nearest: bool = False
    notices: tuple[str, ...] = field(default=(), compare=False)
    dockerfile: str = ""
    conda: CondaWish | None = None

    def __post_init__(self) -> None:
        lines = {line.strip() for line in self.packages} - {""}
        object.__setattr__(self, "packages", tuple(sorted(lines)))
        object.__setattr__(self, "variables", tuple(sorted(self.variables)))

    @property
    def is_legacy(self) -> bool:
        """Whether its Python is too old for a zygote of its own."""
        return self.name in LEGACY

    @property
    def asked(self) -> tuple[str, ...]:
        """The packages as people asked for them: requirement lines, and before them conda's own."""
        told = self.conda.lines() if self.conda is not None else ()
        return (*(line.removeprefix("# skyloom ") for line in told), *self.packages)

    @property
    def is_image(self) -> bool:
        """Whether scripts run in a container."""
        return bool(self.image or self.dockerfile)

    @cached_property
    def digest(self) -> Digest:
        """Digest of what is asked for; what it resolved to on one machine is ``Interpreter.digest``."""
        return digest_of(
            {
                "python": self.python,
                "packages": list(self.packages),
                "image": self.image,
                "variables": [list(pair) for pair in self.variables],
                **({"nearest": True} if self.takes_nearest else {}),
                **({"dockerfile": self.dockerfile} if self.dockerfile else {}),
                **({"conda": list(self.conda.lines())} if self.conda else {}),
            }
        )
