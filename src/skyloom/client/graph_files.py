"""Files beside a graph: scripts put into its parameters, data uploaded and named by digest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from skyloom.client.graph_text import GraphText
from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE
from skyloom.core.graph_problems import close_name
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

FILE = "$file"
LARGEST_SCRIPT_BYTES = 8 * 1024 * 1024

Upload = Callable[[BinaryIO, str, "str | None"], Artifact]


def with_files(graph: GraphText, folder: str, upload: Upload | None) -> Json:
    """The document with ``{$file: PATH}`` values and ``file: PATH`` data nodes carried out.

    Paths are relative to the graph's folder and may not lead out of it: a graph from elsewhere must not be
    able to read whatever its reader may. Without ``upload`` (validation) files are only looked for.

    Raises
    ------
    ProblemError
        G023 for every file that is missing, outside the folder or not text; what an upload refused.
    """
    found = _Files(graph, folder, upload)
    document = found.document(graph.document)
    if found.problems:
        raise ProblemError(found.problems)
    return document


class _Files:
    """Carries out the files of one graph and gathers what is wrong with them."""

    def __init__(self, graph: GraphText, folder: str, upload: Upload | None) -> None:
        self.problems: list[Problem] = []
        self._graph = graph
        self._folder = os.path.realpath(folder)
        self._upload = upload

    def document(self, document: Json) -> Json:
        if not isinstance(document, dict) or not isinstance(document.get("nodes"), dict):
            return document  # the agent says what is wrong with it
        nodes = document["nodes"]
        assert isinstance(nodes, dict)
        return {**document, "nodes": {name: self._node(name, body) for name, body in nodes.items()}}

    def _node(self, name: str, body: Json) -> Json:
        if not isinstance(body, dict):
            return body
        if "file" in body and "module" not in body:
            return self._data_node(name, body)
        values = body.get("parameters")
        if not isinstance(values, dict):
            return body
        return {
            **body,
            "parameters": {key: self._value(f"{name}.{key}", value) for key, value in values.items()},
        }

    def _value(self, where: str, value: Json) -> Json:
        if not isinstance(value, dict) or set(value) != {FILE}:
            return value
        path = self._path(where, value[FILE])
        if path is None:
            return ""
        try:
            with open(path, "rb") as file:
                content = file.read(LARGEST_SCRIPT_BYTES + 1)
            if len(content) > LARGEST_SCRIPT_BYTES:
                self._fault(where, f"'{value[FILE]}' is larger than 8 MiB.", "Give large files as a dataset.")
            return content.decode("utf-8-sig")
        except OSError as error:
            self._fault(where, f"'{value[FILE]}' cannot be read: {error.strerror}.", "Check its rights.")
        except UnicodeDecodeError:
            self._fault(where, f"'{value[FILE]}' is not text in UTF-8.", "Save it as UTF-8.")
        return ""

    def _data_node(self, name: str, body: dict[str, Json]) -> Json:
        where = f"nodes.{name}.file"
        path = self._path(where, body["file"])
        rest = {key: part for key, part in body.items() if key != "file"}
        if path is None:
            return rest
        kind = body.get("type")
        digest = ""
        if self._upload is not None:
            try:
                with open(path, "rb") as content:
                    kept = self._upload(
                        content, os.path.basename(path), kind if isinstance(kind, str) else None
                    )
            except OSError as error:
                self._fault(where, f"'{body['file']}' cannot be read: {error.strerror}.", "Check its rights.")
                return rest
            except ProblemError as error:
                self.problems += [self._graph.located(problem) for problem in error.problems]
                return rest
            digest, kind = kept.digest, kept.type
        elif kind is None:
            kind = "Zip" if path.lower().endswith(".zip") else "Dataset"
        return {**rest, "reference": {"datastore": ARTIFACT_STORE, "path": digest}, "type": kind}

    def _path(self, where: str, given: Json) -> str | None:
        if not isinstance(given, str) or not given or "\0" in given:
            self._fault(where, "A file is named by text.", "Write a path relative to the graph.")
            return None
        path = os.path.realpath(os.path.join(self._folder, given))
        if os.path.isabs(given) or os.path.commonpath([path, self._folder]) != self._folder:
            self._fault(
                where,
                f"'{given}' lies outside the folder of the graph.",
                "Put the file beside the graph, or add data with 'skyloom dataset add'.",
            )
            return None
        if not os.path.isfile(path):
            hint = close_name(given, list(_names(self._folder)))
            self._fault(where, f"There is no file '{given}' beside the graph.", hint or "Check the path.")
            return None
        return path

    def _fault(self, where: str, message: str, fix: str) -> None:
        self.problems.append(self._graph.located(Problem("G023", message, where, fix)))


def _names(folder: str) -> Iterator[str]:
    """Names near the graph, for a hint."""
    for place in os.scandir(folder):
        if place.is_file():
            yield place.name
