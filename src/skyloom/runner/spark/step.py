"""One step's process: forked from the cluster's, it runs a notebook, a script or a jar and ends.

The words of the entry are the code, then words by three: an option, a name, and a value or place.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import types
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from skyloom.runner import console
from skyloom.runner.command import STEP_FOLDER, make_folders
from skyloom.runner.fence import safe_text
from skyloom.runner.spark.dbutils import DBUtils
from skyloom.runner.spark.jar import load_jars, run_jar
from skyloom.runner.spark.notebook import Notebook, NotebookError, Surroundings
from skyloom.runner.spark.secret_text import RedactedStream, Redaction
from skyloom.runner.spark.session import open_session
from skyloom.runner.spark.source import as_ipynb, find_notebook
from skyloom.runner.step_record import FOLDER
from skyloom.runner.step_script import call, offer_old_names

KINDS = ("notebook", "script", "jar", "program")
OPTIONS = (
    "--kind",
    "--input",
    "--output",
    "--parameter",
    "--argument",
    "--jar",
    "--py-file",
    "--file",
    "--session",
    "--cluster",
)
# what a step of Databricks was told of its run, as widgets or words (sdk.md 12)
TOLD = (
    "AZUREML_RUN_TOKEN", "AZUREML_RUN_TOKEN_EXPIRY", "AZUREML_RUN_ID", "AZUREML_ARM_SUBSCRIPTION",
    "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME", "AZUREML_ARM_PROJECT_NAME",
    "AZUREML_SERVICE_ENDPOINT", "AZUREML_WORKSPACE_ID", "AZUREML_EXPERIMENT_ID",
)  # fmt: skip

Words = Mapping[str, List[Tuple[str, str]]]


def carry_out(message: Mapping[str, Any], work: str) -> int:
    """Run the step to its end; the exit code of its process. ``work`` is its own folder."""
    entry: Mapping[str, Any] = message["entry"]
    code, words = read_words(entry["argv"])
    kind = words["--kind"][0][1]
    folder = os.path.join(work, STEP_FOLDER)
    make_folders(work)
    os.chdir(folder)
    os.environ.update(entry["variables"])
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.path.insert(0, folder)
    redaction = Redaction()
    console.attach()
    sys.stdout = RedactedStream(sys.stdout, redaction)
    sys.stderr = RedactedStream(sys.stderr, redaction)
    run_name = dict(words["--cluster"]).get("run_name")
    print(
        f"Running {kind if kind != 'program' else 'script'} {code} on Spark"
        + (f" ({run_name})" if run_name else "")
    )
    try:
        spark = open_session(message["step"], dict(words["--session"]))
        for _, path in words["--py-file"]:
            spark.sparkContext.addPyFile(_placed(path, folder, message["dbfs"]))
        for _, path in words["--file"]:
            spark.sparkContext.addFile(_placed(path, folder, message["dbfs"]))
        around = Surroundings(spark, folder, message["dbfs"], message.get("secrets") or {}, redaction)
        ended = _RUN[kind](around, code, words, work)
    except SystemExit as stop:
        ended = _exit_code(stop.code)
    except NotebookError as error:
        _report(work, str(error), error.where, error.traceback)
        ended = 1
    except (
        BaseException
    ) as error:  # of the user's script it is told already: what comes here is about the call
        _report(work, f"{type(error).__name__}: {safe_text(error)}"[:4096], code, "")
        ended = 1
    return _end(ended)


def read_words(argv: Sequence[str]) -> Tuple[str, Dict[str, List[Tuple[str, str]]]]:
    """The code, and (name, value) of every option in order.

    Raises
    ------
    ValueError
        The words do not have this form.
    """
    code, rest = argv[0], list(argv[1:])
    found: Dict[str, List[Tuple[str, str]]] = {option: [] for option in OPTIONS}
    while rest:
        three, rest = rest[:3], rest[3:]
        if len(three) != 3 or three[0] not in found:
            raise ValueError(f"The step's words cannot be read: {' '.join(three)}.")
        found[three[0]].append((three[1], three[2]))
    return code, found


def _run_notebook(around: Surroundings, code: str, words: Words, work: str) -> int:
    offer_old_names(work)
    values = {**_told(), **dict(words["--input"]), **dict(words["--output"]), **dict(words["--parameter"])}
    path = find_notebook(_placed(code, around.root, around.dbfs))
    notebook = Notebook(around, path, values)
    _offer_dbutils(notebook.dbutils, around)
    try:
        notebook.run_all()
    finally:
        name = os.path.splitext(os.path.basename(path))[0] + ".ipynb"
        kept = as_ipynb(notebook.cells, {"skyloom": {"exit_value": notebook.exit_value}})
        with open(os.path.join(around.root, "outputs", name), "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1)
    return 0


def _run_script(around: Surroundings, code: str, words: Words, work: str) -> int:
    """A script of Databricks: its own words, then ports, then what is told of the run (sdk.md 12)."""
    return _call(around, code, _databricks_words(words), work)


def _run_program(around: Surroundings, code: str, words: Words, work: str) -> int:
    """A script of Synapse: its own words alone, and its jars for what it asks of Java."""
    load_jars(around.spark, [_placed(path, around.root, around.dbfs) for _, path in words["--jar"]])
    return _call(around, code, [value for _, value in words["--argument"]], work)


def _call(around: Surroundings, code: str, arguments: Sequence[str], work: str) -> int:
    _offer_dbutils(around.tools({}, around.root), around)
    path = _placed(code, around.root, around.dbfs)
    relative = os.path.relpath(path, around.root)
    script = relative if not relative.startswith("..") else path
    sys.path.insert(0, os.path.dirname(path))
    call(work, False, [script, *arguments])
    return 0


def _run_jar_step(around: Surroundings, code: str, words: Words, work: str) -> int:
    jars = [_placed(path, around.root, around.dbfs) for _, path in words["--jar"]]
    lost = [jar for jar in jars if not os.path.isfile(jar)]
    if lost:
        raise FileNotFoundError(f"There is no jar '{lost[0]}'.")
    try:
        run_jar(around.spark, jars, code, _databricks_words(words), work)
    except LookupError:
        raise
    except Exception as error:
        cause = getattr(error, "java_exception", None)
        if cause is None:
            raise
        thrown = cause.getCause() if cause.getCause() is not None else cause
        java = around.spark._jvm
        text = java.org.apache.spark.util.Utils.exceptionString(thrown)
        sys.stderr.write(text + "\n")
        _report(work, str(thrown.toString())[:4096], code, text)
        return 1
    return 0


_RUN: Dict[str, Callable[[Surroundings, str, Words, str], int]] = {
    "notebook": _run_notebook,
    "script": _run_script,
    "program": _run_program,
    "jar": _run_jar_step,
}


def _databricks_words(words: Words) -> List[str]:
    found = [value for _, value in words["--argument"]]
    for name, place in (*words["--input"], *words["--output"]):
        found += [f"-{name}", place]
    for name, value in _told().items():
        found += [f"--{name}", value]
    return found


def _told() -> Dict[str, str]:
    return {name: os.environ[name] for name in TOLD if name in os.environ}


def _placed(path: str, folder: str, dbfs: str) -> str:
    """Where a file lies that is named by a path of the snapshot or of dbfs:/."""
    if path.startswith("dbfs:"):
        return os.path.join(dbfs, path[len("dbfs:") :].lstrip("/"))
    return os.path.join(folder, path)


def _offer_dbutils(tools: DBUtils, around: Surroundings) -> None:
    """``from pyspark.dbutils import DBUtils``, as scripts write it that run outside of notebooks too."""
    module = types.ModuleType("pyspark.dbutils")
    module.__dict__["DBUtils"] = lambda *_, **__: tools
    sys.modules["pyspark.dbutils"] = module


def _report(work: str, message: str, where: str, trace: str) -> None:
    told = {"message": message, "where": where, "traceback": trace}
    with open(os.path.join(work, FOLDER, "problem.json"), "w", encoding="utf-8") as file:
        json.dump(told, file)
    sys.stderr.write(trace or message + "\n")


def _exit_code(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 0xFF
    print(value, file=sys.stderr)
    return 1


def _end(code: int) -> int:
    """What an interpreter does when it ends; the process itself ends without it, for it is a fork."""
    for wait in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        try:
            wait()
        except BaseException as error:
            console.say(f"Exception ignored at the end of the step: {type(error).__name__}: {error}")
    console.flush()
    return code
