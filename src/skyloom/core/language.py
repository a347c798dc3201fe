"""LanguageWish: what an editor says of the script that it wants help with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skyloom.core.identity import Digest
from skyloom.core.problem import Problem, ProblemError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_LONGEST = 1_000_000  # characters of a text
_TEXTS = ("environment", "version", "script", "requirements", "bundle")


@dataclass(frozen=True)
class LanguageWish:
    """A script's surroundings, named as its node names them; "" stands for the default.

    ``script`` matters for its header (PEP 723) alone; ``bundle`` is the digest of a zip.
    """

    environment: str = ""
    version: str = ""  # the old parameter 'Python Version'
    script: str = ""
    requirements: str = ""
    bundle: Digest | None = None


def language_wish(value: object) -> LanguageWish:
    """Read the first message of an editor.

    Raises
    ------
    ProblemError
        W370.
    """
    fields = value if isinstance(value, dict) else {"": None}
    wrong = next(
        (
            str(name)[:100]
            for name, text in fields.items()
            if name not in _TEXTS or not isinstance(text, str) or len(text) > _LONGEST
        ),
        None,
    )
    bundle = fields.get("bundle") or ""
    if wrong is None and bundle and not _DIGEST.fullmatch(bundle):
        wrong = "bundle"
    if wrong is not None:
        known = ", ".join(_TEXTS)
        raise ProblemError(
            Problem("W370", "The editor's first message does not read.", wrong, f"Texts may be: {known}.")
        )
    texts = {name: str(fields.get(name, "")) for name in _TEXTS[:-1]}
    return LanguageWish(**texts, bundle=Digest(bundle) if bundle else None)
