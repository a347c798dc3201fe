"""One old spelling: what it was, since when it is gone, what we do, and how it is written today."""

from __future__ import annotations

from dataclasses import dataclass

from skyloom.core.problem import Problem, ProblemError


@dataclass(frozen=True)
class Shim:
    """One row of docs/compatibility.md.

    ``old`` is the spelling as its users know it and is unique; ``gone`` names library and version;
    ``modern`` is what to write
    today, empty when nothing replaces it; ``does`` says what happens here meanwhile. ``is_name`` tells a
    name that was removed
    from a way of writing that stopped working.
    """

    old: str
    gone: str
    modern: str
    does: str
    is_name: bool = True

    def notice(self) -> str:
        """What the log says, without the place.

        >>> Shim("DataFrame.as_matrix", "pandas 1.0", "DataFrame.to_numpy()", "gives the array").notice()
        'DataFrame.as_matrix was removed in pandas 1.0; write DataFrame.to_numpy()'
        """
        told = "%s %s in %s" % (self.old, "was removed" if self.is_name else "stopped working", self.gone)
        return "%s; write %s" % (told, self.modern) if self.modern else "%s; %s" % (told, self.does)


class GoneNameError(ProblemError, AttributeError):
    """A name that nothing on this machine can stand in for; the message says what to use instead."""


class GoneModuleError(ProblemError, ImportError):
    """The same for a whole module."""


def gone_name(shim: Shim) -> GoneNameError:
    """Build the error for a use of a name that cannot be restored (S042)."""
    return GoneNameError(_problem("S042", shim))


def gone_module(shim: Shim) -> GoneModuleError:
    """Build the error for an import that cannot be restored (S043)."""
    return GoneModuleError(_problem("S043", shim))


def _problem(code: str, shim: Shim) -> Problem:
    fix = "Use %s." % shim.modern if shim.modern else ""
    return Problem(
        code, "%s was removed in %s and has no stand-in here." % (shim.old, shim.gone), shim.old, fix
    )
