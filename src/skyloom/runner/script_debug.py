"""A module's script under a debugger: ``azureml_main`` with its real inputs, in a folder of 'skyloom debug'.

Nothing is confined here: the script runs with the rights of whoever starts it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List

CALL = "call.json"
WORK = "work"


def main(folder: str, words: List[str]) -> None:
    """Call the function: under pdb, with ``--wait PORT`` for a debugger to attach, with ``--plain`` without.

    pdb stops at the first line of the function; what fails before is shown where it failed.
    """
    from skyloom.runner import azureml_names
    from skyloom.runner.inputs import Inputs
    from skyloom.runner.message import read_message
    from skyloom.runner.python_script import (
        arguments,
        enter_folder,
        entry_point,
        import_script,
        write_script,
    )
    from skyloom.runner.step_debug import wait_for_debugger
    from skyloom.runner.step_record import StepRecorder

    with open(os.path.join(folder, CALL), "rb") as file:
        call: Dict[str, Any] = json.loads(file.read())
    descriptors = [os.open(path, os.O_RDONLY) for path in call["paths"]]
    job = read_message({**call["message"], "work": os.path.join(folder, WORK)}, descriptors)
    azureml_names.install(StepRecorder(folder))
    path = write_script(job, _notice)
    enter_folder(job)
    if "--wait" in words:
        wait_for_debugger(int(words[words.index("--wait") + 1]))
    is_plain = "--plain" in words or "--wait" in words
    try:
        function = entry_point(import_script(path), job.entry.get("function") or "azureml_main")
        given = arguments(function, job.data_inputs, Inputs(job, _notice), _notice)
        _tell(function(*given) if is_plain else _under_pdb(function, given))
    except Exception:
        if is_plain:
            raise
        import pdb  # only where it is wanted
        import traceback

        traceback.print_exc()
        pdb.post_mortem()


def _under_pdb(function: Any, given: Any) -> Any:
    import pdb  # only where it is wanted

    return pdb.runcall(function, *given)


def _tell(result: Any) -> None:
    for place, one in enumerate(result if isinstance(result, (tuple, list)) else (result,), start=1):
        print(f"Result {place}: {type(one).__name__}", getattr(one, "shape", ""))


def _notice(text: str) -> None:
    print("Notice: " + text, file=sys.stderr)
