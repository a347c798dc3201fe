"""The driver of steps whose processes speak MPI: ``mpirun`` where there is more than one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import List

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.steps.child import child_words
from skyloom.runner.steps.words import split_words, work_folder

MPIRUN = "mpirun"


def main() -> None:
    """Start the processes and end as they end."""
    options, script = split_words(sys.argv[1:])
    count = max(1, int(options["nodes"][0])) * max(1, int(options["processes"][0]))
    words = child_words("step_script", work_folder(), script)
    variables = dict(os.environ)
    if count > 1:
        words = [*mpirun_words(count), *words]
        variables.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    sys.exit(subprocess.call(words, env=variables))


def mpirun_words(count: int) -> List[str]:
    """The call that starts ``count`` processes.

    Raises
    ------
    ProblemError
        P284: there is no mpirun.
    """
    program = shutil.which(MPIRUN)
    if program is None:
        what = f"The step wants {count} processes that speak MPI, and there is no '{MPIRUN}'."
        fix = "Install Open MPI or MPICH on this machine, or ask for one node and one process."
        raise ProblemError(Problem("P284", what, "", fix))
    return [program, "--oversubscribe", "-n", str(count)]
