"""A box becomes an interpreter that is too old for our own code: Python 2.7 or 3.6. Runs inside the box.

The box is closed by the agent's own Python, as every box is; only then is the old interpreter started in its
place. What shuts the box (namespaces, Landlock, seccomp, identity) survives that, and so does what the keeper
watches: it is the same process.
"""

from __future__ import annotations

import os
from typing import NoReturn

import skyloom

PROGRAM = ("runner", "legacy")
FONTS = "fonts"  # in the virtual environment (compute/legacy_builder.py)


def check(python: str) -> None:
    """See that the old interpreter can be started in this box.

    Raises
    ------
    OSError
        It cannot.
    """
    if not os.access(python, os.X_OK):
        raise OSError(f"{python} is not to be seen or not to be started in a box")


def become(python: str, line: int) -> NoReturn:
    """Start the old interpreter in place of this process; ``line`` is the socket on which its task will come.

    Raises
    ------
    OSError
        It cannot be started.
    """
    os.set_inheritable(line, True)
    program = os.path.join(os.path.dirname(os.path.abspath(skyloom.__file__)), *PROGRAM)
    os.execve(python, [python, "-s", "-u", program, str(line)], {**os.environ, **_variables(python)})


def _variables(python: str) -> dict[str, str]:
    variables = {
        "PYTHONIOENCODING": "utf-8:backslashreplace",  # Python 2 would fail to print beyond ASCII to a pipe
        "MATPLOTLIB_FONTS_KEPT": os.path.join(os.path.dirname(os.path.dirname(python)), FONTS),
    }
    kernels = _known_kernels()
    if kernels:
        variables["OPENBLAS_CORETYPE"] = kernels
    return variables


def _known_kernels() -> str:
    """OpenBLAS of the time takes newer processors for others and then computes wrongly or crashes.

    Its kernels for Haswell and Nehalem are sound wherever the processor has their instructions.
    """
    try:
        with open("/proc/cpuinfo") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), [])
    except OSError:
        return ""
    if {"avx2", "fma"} <= set(flags):
        return "Haswell"
    return "Nehalem" if "sse4_2" in flags else ""
