"""The header in which a script says which packages it needs (PEP 723)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from skyloom.core.problem import Problem, ProblemError

# The expression is part of the standard (PEP 723, "Reference Implementation"): every reader of such
# headers has to agree on where a block ends, so it is used letter for letter.
_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
_KNOWN = ("requires-python", "dependencies")


@dataclass(frozen=True)
class ScriptHeader:
    """What a script's header asks for; None where it says nothing.

    ``ignored`` names the entries that have no meaning here.
    """

    requires_python: str | None
    dependencies: tuple[str, ...] | None
    ignored: tuple[str, ...] = ()


def read_script_header(script: str) -> ScriptHeader | None:
    r"""Read the ``# /// script`` block of a script; None where there is no block.

    Raises
    ------
    ProblemError
        C052: two blocks, text that is not TOML, or entries of the wrong kind.

    Examples
    --------
    >>> read_script_header('# /// script\n# dependencies = ["lightgbm"]\n# ///\n')
    ScriptHeader(requires_python=None, dependencies=('lightgbm',), ignored=())
    """
    text = script.replace("\r\n", "\n").replace("\r", "\n")  # the script box of Studio saved CR LF
    blocks = [block for block in _BLOCK.finditer(text) if block["type"] == "script"]
    if not blocks:
        return None
    line = text.count("\n", 0, blocks[-1].start()) + 1
    if len(blocks) > 1:
        raise _unreadable(f"The script has {len(blocks)} headers; it may have one.", line)
    return _header(_parse(blocks[0]["content"], line), line)


def _parse(content: str, line: int) -> dict[str, object]:
    lines = [text[2:] if text.startswith("# ") else text[1:] for text in content.splitlines()]
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(f"The script's header is not TOML: {error}.", line) from error


def _header(fields: dict[str, object], line: int) -> ScriptHeader:
    requires = fields.get("requires-python")
    if requires is not None and not isinstance(requires, str):
        raise _unreadable(f"requires-python must be text; it is {requires!r}.", line)
    ignored = tuple(sorted(set(fields) - set(_KNOWN)))
    return ScriptHeader(requires, _dependencies(fields.get("dependencies"), line), ignored)


def _dependencies(wanted: object, line: int) -> tuple[str, ...] | None:
    if wanted is None:
        return None
    if not isinstance(wanted, list) or not all(isinstance(item, str) for item in wanted):
        raise _unreadable(f"dependencies must be a list of texts; it is {wanted!r}.", line)
    return tuple(wanted)


def _unreadable(message: str, line: int) -> ProblemError:
    fix = 'Write it as: # /// script, then # dependencies = ["name"], then # ///.'
    return ProblemError(Problem("C052", message, f"script, line {line}", fix))
