"""Repairs: the source of a step shown, and a run's graph with what somebody changed before resuming it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace

from skyloom.core.artifact import Artifact
from skyloom.core.folder import Folder, FolderFile, check_paths, folder_from_bytes
from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.graph_problems import close_name, graph_problems, value_problems
from skyloom.core.identity import Digest, Json, NodeId
from skyloom.core.module import CommandEntry, ModuleSpec
from skyloom.core.parameter import Parameter, parse_text
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.repair import MOST_SHOWN_BYTES, Repair, SourceFile, StepSource
from skyloom.core.run_notes import RunNotes
from skyloom.core.serialize import spec_digest
from skyloom.engine.submit import with_settings
from skyloom.stores.artifacts_folder import ArtifactsFolder
from skyloom.workspace.published_pipelines import fitted

REPAIRED = "skyloom.repaired"  # a property of the resumed run, JSON text: what was changed


class Repairs:
    """Those of one workspace."""

    def __init__(self, artifacts: ArtifactsFolder) -> None:
        self._artifacts = artifacts

    def source(self, graph: Graph, step: str) -> StepSource:
        """The files of a step's snapshot, with the text of those that are text.

        Raises
        ------
        ProblemError
            W361: there is no such step, or it runs no source. R011: the snapshot is no longer stored.
        """
        node, entry = _step(graph, step, "W361")
        word = entry.argv[0] if entry.argv else ""
        script = word if isinstance(word, str) else ""
        files = sorted(self._folder(entry.snapshot).files, key=lambda file: (file.path != script, file.path))
        shown = tuple(SourceFile(file.path, file.size, self._text(file)) for file in files)
        return StepSource(node.id, script, shown)

    def repaired(
        self, graph: Graph, values: Mapping[str, Json], repair: Repair
    ) -> tuple[Graph, dict[str, Json]]:
        """The graph and its values with the changes put in.

        A step whose source changes gets a module of its own, so no other step runs again but those behind it.

        Raises
        ------
        ProblemError
            Every change that cannot be taken over: W360, W361, P203, codes G.
        """
        faults: list[Problem] = []
        for step, texts in repair.files.items():
            try:
                graph = self._with_files(graph, step, texts)
            except ProblemError as error:
                faults += error.problems
        graph = with_settings(graph, repair.settings, faults)
        given = {**values, **_values(graph, repair.values, faults)}
        faults += graph_problems(graph)
        faults += value_problems(graph, given)
        if faults:
            raise ProblemError(faults)
        return graph, given

    def _with_files(self, graph: Graph, step: str, texts: Mapping[str, str]) -> Graph:
        node, entry = _step(graph, step, "W360")
        folder = self._folder(entry.snapshot)
        known = {file.path: file for file in folder.files}
        try:
            check_paths([*{**known, **texts}, *folder.folders])
            contents = [text.encode("utf-8") for text in texts.values()]
        except ValueError as error:
            what = f"The source of '{step}' cannot be changed: {error}."
            raise ProblemError(
                Problem(
                    "W360", what, f"nodes.{step}", "Use text in UTF-8, and paths below the source folder."
                )
            ) from error
        sizes = [len(content) for content in contents]
        digests = self._artifacts.add_many(io.BytesIO(b"".join(contents)), sizes)
        for path, digest, size in zip(texts, digests, sizes, strict=True):
            is_program = path in known and known[path].executable
            known[path] = FolderFile(path, digest, size, is_program)
        changed = Folder(tuple(known.values()), folder.folders)
        snapshot = self._artifacts.add_folder(changed, node.title or str(node.id)).digest
        spec = replace(graph.spec(node), entry=replace(entry, snapshot=snapshot))
        return _with_module(graph, node.id, spec_digest(spec), {**graph.modules, spec_digest(spec): spec})

    def _folder(self, snapshot: Digest) -> Folder:
        return folder_from_bytes(self._read(snapshot))

    def _text(self, file: FolderFile) -> str | None:
        if file.size > MOST_SHOWN_BYTES:
            return None
        content = self._read(file.digest)
        try:
            return None if b"\0" in content else content.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def _read(self, digest: Digest) -> bytes:
        kept = Artifact(digest, "source", "File", "file", "application/octet-stream", 0)
        with open(self._artifacts.stage(kept).path, "rb") as file:
            return file.read()


def _step(graph: Graph, step: str, code: str) -> tuple[ModuleNode, CommandEntry]:
    node = graph.node(step)
    entry = graph.spec(node).entry if isinstance(node, ModuleNode) else None
    if isinstance(node, ModuleNode) and isinstance(entry, CommandEntry):
        return node, entry
    steps = [
        str(one.id)
        for one in graph.nodes
        if isinstance(one, ModuleNode) and isinstance(graph.spec(one).entry, CommandEntry)
    ]
    what = f"'{step}' is no step that runs files of a source folder."
    fix = close_name(step, steps) or (f"Such steps are: {', '.join(steps)}." if steps else "It has none.")
    raise ProblemError(Problem(code, what, f"nodes.{step}", fix))


def _with_module(graph: Graph, name: NodeId, module: Digest, modules: Mapping[Digest, ModuleSpec]) -> Graph:
    """The node on another module; modules that no node uses any more are left out."""
    nodes = tuple(
        replace(node, module=module) if isinstance(node, ModuleNode) and node.id == name else node
        for node in graph.nodes
    )
    used = {node.module for node in nodes if isinstance(node, ModuleNode)}
    return replace(graph, nodes=nodes, modules={key: spec for key, spec in modules.items() if key in used})


def _values(graph: Graph, given: Mapping[str, Json], faults: list[Problem]) -> dict[str, Json]:
    """Values as the kinds that the defaults have; ``value_problems`` tells of unknown names."""
    found: dict[str, Json] = {}
    known = {parameter.name: parameter for parameter in graph.parameters}
    for name, value in given.items():
        parameter = known.get(name, Parameter(name, "json"))
        if parameter.type != "json":
            found[name] = parse_text(parameter, value) if isinstance(value, str) else value
            continue
        try:
            found[name] = fitted(parameter.default, value)
        except ValueError as error:
            fix = f"Its default is {parameter.default!r:.100}."
            faults.append(Problem("P203", f"The value of '{name}' {error}.", name, fix))
    return found


def notes_of_resumed(notes: RunNotes, repair: Repair) -> RunNotes:
    """The notes of the run before, and what was changed since."""
    if repair.is_empty:
        return notes
    return replace(notes, properties={**notes.properties, REPAIRED: json.dumps(repair.words())})
