"""Packages as a conda file of the old SDK names them, as requirement lines (PEP 508).

Source: sdk.md 9 ("Our resolver"), 21 traps 12 and 22.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from skyloom.core.identity import Json

USUAL_PYTHON = "3.10.18"  # what the old SDK wrote where nothing was said

# conda's names of packages that PyPI calls otherwise
_PYPI_NAMES = {
    "pytorch": "torch",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "lightgbm": "lightgbm",
    "py-xgboost": "xgboost",
    "matplotlib-base": "matplotlib",
    "tensorflow-gpu": "tensorflow",
    "psycopg2": "psycopg2-binary",
}
_NO_PACKAGE = ("pip", "python", "conda", "cudatoolkit", "libgcc", "nomkl", "mkl", "blas")
_SDK = re.compile(r"(azureml|azure-ml)([-_.]|$)", re.IGNORECASE)
_LIMITS = re.compile(r"((==|>=|<=|!=|~=|<|>)[\w.*+!-]+(,|$))*")
_CONDA = re.compile(r"(?:(?P<channel>[\w./-]+)::)?(?P<name>[\w.-]+)\s*(?P<pin>.*)")


def requirements_of(pip: Iterable[str], conda: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Requirement lines, each once, and what was left out: ``azureml-*``, whose names are there anyway, and
    what is no package of Python's index.
    """
    lines: list[str] = []
    dropped: list[str] = []
    for line in pip:
        (dropped if is_of_the_sdk(line) else lines).append(line.strip())
    for line in conda:
        wanted = _from_conda(line)
        if wanted is None or is_of_the_sdk(wanted):
            dropped.append(line)
        else:
            lines.append(wanted)
    return tuple(dict.fromkeys(lines)), tuple(dropped)


def conda_tree(tree: Mapping[str, Json]) -> tuple[list[str], list[str], str, list[str]]:
    """Pip lines, conda lines, the Python and the channels of a conda file's tree, without pip's options."""
    pip: list[str] = []
    conda: list[str] = []
    python = USUAL_PYTHON
    dependencies = tree.get("dependencies")
    for one in dependencies if isinstance(dependencies, list) else ():
        if isinstance(one, dict):
            lines = one.get("pip")
            pip += [str(line) for line in (lines if isinstance(lines, list) else ()) if str(line)[:1] != "-"]
        elif str(one).replace(" ", "").startswith("python="):
            python = str(one).split("=")[-1].strip()
        else:
            conda.append(str(one))
    channels = tree.get("channels")
    return pip, conda, python, [str(one) for one in channels] if isinstance(channels, list) else []


def is_of_the_sdk(line: str) -> bool:
    """Whether a line, of pip or of conda, names a package of the old SDK, whose names are there anyway.

    >>> is_of_the_sdk("azureml-sdk"), is_of_the_sdk("c::azureml_core=1.0"), is_of_the_sdk("azure-storage")
    (True, True, False)
    """
    return _SDK.match(line.strip().rpartition("::")[2]) is not None


def _from_conda(line: str) -> str | None:
    """A conda line as a requirement; None for what is no package of Python's index.

    >>> [_from_conda(line) for line in ("numpy=1.16", "c::pytorch==1.4", "six 1.12 py37_0", "pip")]
    ['numpy==1.16.*', 'torch==1.4', 'six==1.12', None]
    """
    found = _CONDA.fullmatch(line.strip())
    if found is None:
        return None
    name, pin = found["name"].lower(), found["pin"].strip()
    if name in _NO_PACKAGE:
        return None
    name = _PYPI_NAMES.get(name, name)
    if pin.startswith("=") and not pin.startswith("=="):
        version = pin[1:].split("=")[0].strip()
        return f"{name}=={version}" if version.endswith("*") else f"{name}=={version}.*"
    if pin.startswith("=="):
        return f"{name}=={pin[2:].split('=')[0].strip()}"
    if pin[:1].isdecimal():  # conda's other way to write ==, perhaps with a build behind it
        pin = "==" + pin.split()[0]
    pin = pin.replace(" ", "")
    return name + (pin if _LIMITS.fullmatch(pin) else "")  # what only conda can say says nothing here
