"""SparkStep: what steps on Spark share: their words, their libraries, the environment of their cluster."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skyloom.core.problem import Problem
from skyloom.sdk.libraries import EggLibrary, JarLibrary, PyPiLibrary
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.steps.python_script import SourceStep

# pyspark 4 runs on Java 17 and does not know pandas 3 (stack.md 3.8)
PACKAGES = ("pyspark>=4.0,<5", "pandas>=2.2,<3", "pyarrow>=15", "numpy>=1.26")
LIBRARIES = "_libraries"  # in the snapshot: jars and eggs that lay elsewhere
_OF_A_CLUSTER = ("spark.sql.catalog", "spark.sql.extensions", "spark.sql.hive", "spark.sql.warehouse")


class SparkStep(SourceStep):
    """A CommandEntry in the language ``spark`` (core/module.py).

    ``code`` is the first word, ``kind`` notebook, script, jar or program.
    """

    language = "spark"
    renames_inputs = False
    packages: Sequence[str] = PACKAGES
    kind = ""
    code = ""

    def __init__(self, name: str, *more: Any) -> None:
        self._cluster: dict[str, str] = {}
        self._conf: dict[str, str] = {}
        self._libraries: dict[str, str] = {}  # in the snapshot -> where it lies
        super().__init__(name, *more)

    def added_files(self) -> dict[str, bytes]:
        """Jars and eggs that lie outside of the source directory."""
        found: dict[str, bytes] = {}
        for inner, path in self._libraries.items():
            with open(path, "rb") as file:
                found[inner] = file.read()
        return found

    def _head(self) -> list[Any]:
        words: list[Any] = [self.code, "--kind", "", self.kind]
        session = {key: value for key, value in self._conf.items() if _is_of_session(key)}
        told = {**self._cluster, "compute": self.compute_target or ""}
        told["conf"] = _json({key: value for key, value in self._conf.items() if key not in session})
        for name, text in sorted(told.items()):
            words += ["--cluster", name, text]
        for key, value in sorted(session.items()):
            words += ["--session", key, value]
        return words

    def _ports(self) -> list[Any]:
        words: list[Any] = []
        for one in self.inputs:
            words += ["--input", self.input_name(one), one]
        for made in self.outputs:
            words += ["--output", made.output_name, made]
        return words

    def _library(self, path: str, folder: str | None) -> str:
        """How the step names a jar, egg or file: by its place in dbfs:/ or in its snapshot."""
        if path.startswith("dbfs:"):
            return path
        if folder is not None and not os.path.isabs(path) and os.path.isfile(os.path.join(folder, path)):
            return path
        inner = f"{LIBRARIES}/{os.path.basename(path)}"
        self._libraries[inner] = os.path.abspath(path)
        return inner

    def lost_libraries(self) -> list[str]:
        """Files that are named and not there."""
        return [path for path in self._libraries.values() if not os.path.isfile(path)]

    def faults(self) -> list[Problem]:
        return [
            Problem(
                "C126",
                f"The library '{path}' is not there.",
                self.name,
                "Name a file, or dbfs:/ of the compute.",
            )
            for path in self.lost_libraries()
        ]


def listed(given: Any) -> list[Any]:
    """One or several of something, as a list; a set is put in order, so that its step can be reused."""
    if given is None:
        return []
    if isinstance(given, (set, frozenset)):
        return sorted(given, key=str)
    return list(given) if isinstance(given, (list, tuple)) else [given]


def library_path(library: Any) -> str:
    """The address of a JarLibrary or EggLibrary, or of one that is given as text."""
    return str(library.library if isinstance(library, (JarLibrary, EggLibrary)) else library)


def requirement(library: Any) -> str:
    """A PyPiLibrary as a requirement line."""
    return str(library.package if isinstance(library, PyPiLibrary) else library)


def argument_words(given: Iterable[Any]) -> list[Any]:
    """Words of the user's own program."""
    return [word for one in given for word in ("--argument", "", one)]


def parameter_word(name: str, value: Any) -> Any:
    """A parameter's word: the pipeline's parameter itself, or the step's own one by its name."""
    return value if isinstance(value, PipelineParameter) else f"parameter:{name}"


def text_of(mapping: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(key): _text(value) for key, value in (mapping or {}).items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(value: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(value.items())))


def _is_of_session(key: str) -> bool:
    return key.startswith("spark.sql.") and not key.startswith(_OF_A_CLUSTER)
