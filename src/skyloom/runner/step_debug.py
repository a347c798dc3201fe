"""A step under a debugger: the call of ``call.json`` in a folder that 'skyloom debug' laid out.

Nothing is confined here: the script runs with the rights of whoever starts it.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from typing import Any, Dict, List, Optional

CALL = "call.json"
_NO_DEBUGPY = """The step's environment has no debugpy. Put 'debugpy' among its packages, or leave --wait out
to use pdb, which every Python has."""


def main(folder: str, words: List[str]) -> None:
    """Run the step: under pdb, with ``--wait PORT`` for a debugger to attach, with ``--plain`` without."""
    with open(os.path.join(folder, CALL), "rb") as file:
        call: Dict[str, Any] = json.loads(file.read())
    os.environ.update(call["variables"])
    os.chdir(os.path.join(folder, "step"))
    from skyloom.runner.command import make_links  # not before the folder is known

    for name in ("outputs", "logs"):
        os.makedirs(name, exist_ok=True)
    make_links(call)
    argv: List[str] = call["argv"]
    if call["language"] != "python":
        sys.exit(subprocess.call(argv))
    sys.path[0] = os.path.dirname(os.path.abspath(argv[0]))
    _offer_names(folder, bool(call["compatibility"]))
    if "--plain" in words:
        _run(argv)
    elif "--wait" in words:
        wait_for_debugger(int(words[words.index("--wait") + 1]))
        _run(argv)
    else:
        import pdb  # only where it is wanted

        sys.argv = ["pdb", *argv]
        pdb.main()


def _offer_names(folder: str, wants_compatibility: bool) -> None:
    from skyloom.runner import azureml_names  # behind the variables, which they read
    from skyloom.runner.step_record import StepRecorder

    azureml_names.install(StepRecorder(folder))
    if wants_compatibility:
        from skyloom.runner.compatibility.install import start

        start(os.getcwd(), lambda text: print("Notice: " + text, file=sys.stderr))


def wait_for_debugger(port: int) -> None:
    """Until a debugger attaches at that port of this machine."""
    debugpy = _debugpy()
    if debugpy is None:
        sys.exit(_NO_DEBUGPY)
    debugpy.listen(("127.0.0.1", port))
    print(f"Waiting for a debugger at 127.0.0.1:{port}", file=sys.stderr, flush=True)
    debugpy.wait_for_client()


def _debugpy() -> Optional[Any]:
    try:
        import debugpy  # optional: of the step's environment
    except ImportError:
        return None
    return debugpy


def _run(argv: List[str]) -> None:
    sys.argv = list(argv)
    runpy.run_path(argv[0], run_name="__main__")
