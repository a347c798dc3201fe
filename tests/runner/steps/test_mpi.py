"""The driver of steps whose processes speak MPI."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tests.runner.steps.driving import drive, script

SCRIPT = "import os, sys\nprint('rank', os.environ.get('OMPI_COMM_WORLD_RANK'), sys.argv[1:])\n"


def test_one_process_needs_no_mpirun(tmp_path: Path) -> None:
    script(tmp_path, "train.py", SCRIPT)
    done = drive(tmp_path, "mpi", ["--nodes", "1", "--processes", "1", "--", "train.py", "x"], PATH="/none")
    assert done.code == 0 and "rank None ['x']" in done.out, done.out


def test_several_processes_are_started_by_mpirun(tmp_path: Path) -> None:
    """With a program in its place that starts what it is told to, as mpirun does."""
    script(tmp_path, "train.py", SCRIPT)
    program = tmp_path / "bin" / "mpirun"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\n[ "$1 $2" = "--oversubscribe -n" ] || exit 9\nn=$3; shift 3; i=0\n'
        'while [ $i -lt $n ]; do OMPI_COMM_WORLD_RANK=$i "$@" || exit 1; i=$((i+1)); done\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = drive(tmp_path, "mpi", ["--nodes", "1", "--processes", "2", "--", "train.py"], PATH=path)
    assert done.code == 0 and "rank 0 []" in done.out and "rank 1 []" in done.out, done.out


def test_without_mpirun_several_processes_are_refused_with_words(tmp_path: Path) -> None:
    script(tmp_path, "train.py", SCRIPT)
    done = drive(tmp_path, "mpi", ["--nodes", "2", "--processes", "2", "--", "train.py"], PATH="/none")
    assert done.code == 1 and "P284" in done.out and "4 processes" in done.out
