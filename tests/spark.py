"""Real Spark for tests: whether it can run here, and its environment, built once for all homes and sessions.

``python -m tests.spark`` builds it ahead (tools/engines.sh).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache

import pytest

from skyloom.compute.environments import Environments
from skyloom.compute.interpreter import Interpreter
from skyloom.core.environment import NEAREST
from skyloom.core.problem import ProblemError
from skyloom.sdk.steps.spark_step import PACKAGES
from tests.environments import HOME, share


@cache
def why_no_java() -> str:
    """Nothing when there is a Java that Spark 4 runs on."""
    java = shutil.which("java")
    if java is None:
        return "there is no Java (Debian: openjdk-17-jre-headless)"
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    number = said.partition('"')[2].partition(".")[0].strip('"')
    return (
        "" if number.isdigit() and int(number) >= 17 else f"this Java is too old for Spark 4: {said[:40]!r}"
    )


def spark_interpreter() -> Interpreter:
    """The interpreter of the environment that steps on Spark ask for, built where it is not there yet.

    Raises
    ------
    ProblemError
        It cannot be built: the index is not reached.
    """
    share()
    environments = Environments(HOME)
    try:
        wish = environments.resolve("own", None, "\n".join((NEAREST, *PACKAGES)))
        return environments.ready(wish, lambda line: None)
    finally:
        environments.close()


def need_spark() -> Interpreter:
    """The same; skips the test where there is no Spark to be had, and says why."""
    if why_no_java():
        pytest.skip(why_no_java())
    try:
        return spark_interpreter()
    except ProblemError as error:
        pytest.skip(f"the environment of Spark cannot be built: {error.problem.message.splitlines()[0]}")


if __name__ == "__main__":
    try:
        print(why_no_java() or f"Spark is in {spark_interpreter().path}")
    except ProblemError as error:
        sys.exit(f"Could not install: pyspark ({error.problem.message.splitlines()[0]})")
