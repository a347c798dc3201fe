"""The program that carries out scripts in R, and what is said where it is missing. Also used inside boxes."""

from __future__ import annotations

from skyloom.core.problem import Problem

PROGRAM = "Rscript"


def missing_r() -> Problem:
    """The problem of a machine without R."""
    what = f"R is not installed on this machine: there is no {PROGRAM}."
    fix = "Install it (Debian, Ubuntu: apt install r-base-core), then try again; 'skyloom doctor' shows it."
    return Problem("S200", what, "", fix)
