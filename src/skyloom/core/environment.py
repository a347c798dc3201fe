"""Environment: which Python and which packages a script runs with, and the digest of that wish."""

from __future__ import annotations

from dataclasses import dataclass, field

from skyloom.core.identity import Digest, digest_of

STUDIO = "studio"  # the default: what old Studio scripts import, pinned
CURRENT = "current"  # the interpreter that runs the agent, packages as installed
OWN = "own"  # what the script itself or its requirements parameter asks for
BUILT_IN = (STUDIO, CURRENT, OWN)

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
    variables
        Environment variables as (name, value), kept sorted.
    compatibility
        Whether scripts get the helpers for old pandas when nothing else is said; follows from the packages
        and is not part of the digest.
    notices
        What was decided on the reader's behalf; not part of the digest.

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
    notices: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        lines = {line.strip() for line in self.packages} - {""}
        object.__setattr__(self, "packages", tuple(sorted(lines)))
        object.__setattr__(self, "variables", tuple(sorted(self.variables)))

    @property
    def digest(self) -> Digest:
        """Digest of what is asked for; what it resolved to on one machine is ``Interpreter.digest``."""
        return digest_of(
            {
                "python": self.python,
                "packages": list(self.packages),
                "image": self.image,
                "variables": [list(pair) for pair in self.variables],
            }
        )
