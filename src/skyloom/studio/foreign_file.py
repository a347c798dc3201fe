"""Foreign file: the text of an export, told apart by what it holds and read into a graph with twins."""

from __future__ import annotations

from dataclasses import replace

from skyloom.core.experiment import Foreign
from skyloom.core.graph_file import Catalogue
from skyloom.core.identity import Json
from skyloom.studio.arm_definition import read_definition, service_resource
from skyloom.studio.classic_graph import is_classic, read_classic
from skyloom.studio.foreign_graph import ForeignGraph, resolved
from skyloom.studio.foreign_json import BYTE_ORDER_MARK, Fields, not_an_export, parse_foreign
from skyloom.studio.secret_redaction import redacted_text


def read_foreign(foreign: Foreign, catalogue: Catalogue) -> ForeignGraph:
    """Read an export of either form, whatever form the caller took it for.

    Keys of a web service definition are gone from what is kept (secret_redaction.py); a classic graph is kept
    letter for letter.

    Raises
    ------
    ProblemError
        G210: it is neither.
    """
    top = parse_foreign(foreign.text)
    if is_classic(Fields(top)):
        read, kept = read_classic(Fields(top)), replace(foreign, format="classic")
    elif service_resource(top) is not None:
        text = redacted_text(foreign.text, top)
        kept = replace(foreign, format="arm", text=text)
        read = read_definition(_object(text))
    else:
        raise not_an_export("it has neither ModuleNodes nor a web service package")
    graph, notes = resolved(read.graph, catalogue)
    return replace(read, graph=graph, foreign=kept, notes=notes)


def _object(text: str) -> dict[str, Json]:
    return parse_foreign(text.removeprefix(BYTE_ORDER_MARK))
