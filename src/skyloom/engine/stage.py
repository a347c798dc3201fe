"""Stage: the artifacts behind a node's input ports, and then their files on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.artifact import Artifact
from skyloom.core.data_reference import ARTIFACT_STORE, DataReference, DatasetVersion
from skyloom.core.graph import DataNode, ModuleNode, PortRef
from skyloom.core.identity import Digest, NodeId
from skyloom.core.plan import Plan
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun
from skyloom.core.task import Staged
from skyloom.engine.ports import World

FOLDER_MEDIA_TYPE = "application/vnd.skyloom.folder"


Content = Artifact | DataReference  # both have a digest; that of a place is of the place


def input_artifacts(
    world: World, plan: Plan, node: ModuleNode, done: Mapping[NodeId, NodeRun]
) -> dict[str, Content | None]:
    """The content of every input port in port order; None where nothing is linked.

    Raises
    ------
    ProblemError
        R012: an upstream port gave nothing; D060: a dataset was deleted after submission.
    """
    found: dict[str, Content | None] = {}
    for port in plan.graph.spec(node).inputs:
        target = PortRef(node.id, port.name)
        source = plan.sources.get(target)
        found[port.name] = None if source is None else _artifact(world, plan, source, target, done)
    return found


def stage_inputs(world: World, contents: Mapping[str, Content | None]) -> dict[str, Staged | None]:
    """Paths of the content of every input port."""
    return {port: _staged(world, content) for port, content in contents.items()}


def stage_snapshot(world: World, digest: Digest) -> Staged:
    """The list and the files of a source directory.

    Raises
    ------
    ProblemError
        R011: it is no longer stored.
    """
    return world.artifacts.stage(Artifact(digest, "snapshot", "Folder", "file", FOLDER_MEDIA_TYPE, 0))


def _staged(world: World, content: Content | None) -> Staged | None:
    match content:
        case None:
            return None
        case DataReference():
            return world.datastores.stage(content)
        case Artifact():
            return world.artifacts.stage(content)


def table_files(staged: Mapping[str, Staged | None]) -> dict[Digest, str]:
    """Every table file that an output may refer to for columns it did not change."""
    files: dict[Digest, str] = {}
    for one in staged.values():
        if one is not None and one.type == "Dataset":
            files[one.digest] = one.path
            files.update({Digest(digest): path for digest, path in one.files.items()})
    return files


def _artifact(
    world: World, plan: Plan, source: PortRef, target: PortRef, done: Mapping[NodeId, NodeRun]
) -> Content:
    origin = plan.graph.node(source.node)
    if isinstance(origin, DataNode):
        return _data_content(world, origin)
    made = done[source.node].outputs.get(source.port)
    if made is None:
        raise ProblemError(
            Problem(
                "R012",
                f"The output port '{source.port}' of '{source.node}' gave nothing.",
                str(target),
                f"Return something for '{source.port}', or remove the link.",
            )
        )
    return made


def data_artifact(world: World, node: DataNode) -> Artifact:
    """The fixed content of a data node.

    Raises
    ------
    ProblemError
        D060 the dataset was deleted; W203 it is a place of a datastore, whose content may change.
    """
    content = _data_content(world, node)
    if isinstance(content, Artifact):
        return content
    what = f"'{node.id}' is a place of the datastore '{content.datastore}', not content that stays."
    raise ProblemError(
        Problem("W203", what, f"nodes.{node.id}", "Register the data as a dataset and use that.")
    )


def _data_content(world: World, node: DataNode) -> Content:
    match node.data:
        case DatasetVersion():
            dataset = world.datasets.find(node.data)
            if dataset is None:
                raise ProblemError(
                    Problem(
                        "D060",
                        f"The dataset '{node.data.name}' version {node.data.version} was deleted.",
                        f"nodes.{node.id}",
                        "Add it again, or choose another dataset.",
                    )
                )
            return dataset.artifact
        case DataReference(datastore, path):
            if datastore != ARTIFACT_STORE:
                return node.data
            return Artifact(Digest(path), str(node.id), node.type, "output", "application/octet-stream", 0)
