"""What a score script declares of itself: asked of its worker once, when it is published (services.md 5)."""

from __future__ import annotations

import json

from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.score_script import INPUT, OUTPUT
from skyloom.core.score_words import ASKED, BODY, RESULT, SWAGGER
from skyloom.core.service import RequestTable, ServiceCall
from skyloom.engine.ports import OpenService

_LARGEST = 1 << 20  # characters; it is kept with the endpoint


def declared_by_script(opened: OpenService) -> Json:
    """Schemas of arguments and answer, and the document that lies beside the script.

    Raises
    ------
    ProblemError
        W300: the script cannot be read, or its ``init`` failed: nobody could call it.
    """
    call = ServiceCall({INPUT: RequestTable((BODY, ASKED), [["", json.dumps({"kind": SWAGGER})]])})
    try:
        table = opened.call_from_thread(call).outputs[OUTPUT]
        told = table.rows[0][list(table.names).index(RESULT)] or ""
        if len(told) > _LARGEST:
            raise ValueError(f"its samples are larger than {_LARGEST} characters")
        found: Json = json.loads(told)
    except ProblemError as error:
        raise _not_served(error.problem.message, error.problem.traceback) from error
    except (ValueError, LookupError) as error:
        raise _not_served(f"what it declares cannot be read: {error}", "") from error
    return found


def _not_served(why: str, traceback: str) -> ProblemError:
    fix = "Let init() and the top of the script run without errors; run takes arguments by name."
    return ProblemError(
        Problem("W300", f"The score script cannot be served: {why}", "score.py", fix, traceback)
    )
