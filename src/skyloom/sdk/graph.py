"""Graphs of Studio's modules, built in Python: what the canvas draws, as a program (ours).

The page downloads any experiment as such a program; ``document`` is the file form of docs/graph-files.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skyloom.core.graph_file import REF, SCHEMA_VERSION
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.workspace_api import Submission
from skyloom.sdk.exceptions import from_problem

if TYPE_CHECKING:
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.workspace import Workspace


@dataclass(frozen=True)
class GraphParameter:
    """A parameter of the whole graph: the value of a module's parameter, given when the graph is run."""

    name: str


@dataclass(frozen=True)
class Port:
    """An output of a node, or an input where a web service input leads to."""

    node: str
    name: str

    def __str__(self) -> str:
        return f"{self.node}.{self.name}"


@dataclass(frozen=True)
class Node:
    """A module or data in a graph. Alone it stands for its first output, ``node["port"]`` for another."""

    id: str

    def __getitem__(self, port: str) -> Port:
        return Port(self.id, port)

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Link:
    """A link that says how content reaches the working folder (steps of SDK v1 pipelines)."""

    body: Mapping[str, Json]


Source = Node | Port | Link | str


def link(source: Source, **staging: Json) -> Link:
    """A link with ``mode`` (mount, download, direct), ``path_on_compute`` or ``overwrite``."""
    return Link({"from": str(source), **staging})


class Graph:
    """A graph under construction; each method adds one thing and gives what later ones refer to.

    >>> graph = Graph("Iris")
    >>> iris = graph.dataset("Iris")
    >>> split = graph.module("Split Data", inputs={"Dataset": iris}, parameters={"Random seed": 7})
    >>> graph.module("Summarize Data", inputs={"Dataset": split["Results dataset2"]}).id
    'summarize-data'
    >>> graph.document()["nodes"]["summarize-data"]
    {'module': 'Summarize Data', 'inputs': {'Dataset': 'split-data.Results dataset2'}}
    """

    is_submittable = True

    def __init__(self, name: str = "", summary: str = "") -> None:
        self.name = name
        self._document: dict[str, Json] = {"schema_version": SCHEMA_VERSION}
        self._parameters: dict[str, Json] = {}
        self._definitions: dict[str, Json] = {}
        self._nodes: dict[str, Json] = {}
        self._inputs: dict[str, Json] = {}
        self._outputs: dict[str, Json] = {}
        if name:
            self._document["name"] = name
        if summary:
            self._document["summary"] = summary

    def parameter(self, name: str, type: str | None = None, **facts: Json) -> GraphParameter:
        """Declare a parameter of the graph.

        ``type`` is string, int, float, bool, choice, columns, script or json, told by ``default`` where it
        is left out; further ``facts`` are ``default``, ``minimum``, ``maximum``, ``choices``, ``required``.
        """
        plain = set(facts) == {"default"} and type is None
        self._parameters[name] = facts["default"] if plain else {**({"type": type} if type else {}), **facts}
        return GraphParameter(name)

    def define(self, label: str, definition: Mapping[str, Json]) -> str:
        """A module that the palette does not have, such as a step of a pipeline; its label."""
        self._definitions[label] = dict(definition)
        return label

    def module(
        self,
        name: str,
        *,
        id: str = "",
        inputs: Mapping[str, Source | Sequence[Source]] | None = None,
        parameters: Mapping[str, Any] | None = None,
        outputs: Mapping[str, str] | None = None,
        after: Sequence[Node | str] = (),
        version: str = "",
        title: str = "",
        environment: str = "",
        compute: str = "",
        reuse: bool = True,
        disabled: bool = False,
        comment: str = "",
        position: Sequence[float] | None = None,
    ) -> Node:
        """A module of the palette, by the name that the canvas shows.

        Parameters
        ----------
        inputs
            By port: a node (its first output), ``node["port"]``, ``link(...)`` or the text of one.
        parameters
            By name: JSON values, or parameters of the graph.
        outputs
            Further outputs of a script module: their types by name.
        after
            Nodes that must end first although no data flows.

        Raises
        ------
        UserErrorException
            G007 there is a node of that id.
        """
        body: dict[str, Json] = {"module": name}
        _put(body, "version", version)
        _put(body, "title", title)
        _put(body, "parameters", {key: _value(one) for key, one in (parameters or {}).items()})
        _put(body, "inputs", {port: _link(source) for port, source in (inputs or {}).items()})
        _put(body, "outputs", dict(outputs or {}))
        _put(body, "after", [str(one) for one in after])
        _put(body, "compute", compute)
        _put(body, "environment", environment)
        if not reuse:
            body["reuse"] = False
        if disabled:
            body["disabled"] = True
        return self._added(id, name, body, comment, position)

    def dataset(
        self,
        name: str,
        *,
        id: str = "",
        version: int | None = None,
        type: str = "Dataset",
        title: str = "",
        comment: str = "",
        position: Sequence[float] | None = None,
    ) -> Node:
        """A saved dataset; without ``version`` the newest when the graph is submitted."""
        body: dict[str, Json] = {"dataset": name if version is None else {"name": name, "version": version}}
        if type != "Dataset":
            body["type"] = type
        _put(body, "title", title)
        return self._added(id, name, body, comment, position)

    def reference(
        self,
        datastore: str,
        path: str,
        *,
        id: str = "",
        type: str = "Dataset",
        title: str = "",
        comment: str = "",
        position: Sequence[float] | None = None,
    ) -> Node:
        """A place on a datastore."""
        body: dict[str, Json] = {"reference": {"datastore": datastore, "path": path}}
        if type != "Dataset":
            body["type"] = type
        _put(body, "title", title)
        return self._added(id, path or datastore, body, comment, position)

    def input(self, name: str, *targets: Port | str, type: str = "Dataset") -> None:
        """A web service input that replaces what enters the target ports."""
        texts: list[Json] = [str(one) for one in targets]
        self._inputs[name] = {"targets": texts} if type == "Dataset" else {"targets": texts, "type": type}

    def output(self, name: str, source: Source) -> None:
        """A web service output."""
        self._outputs[name] = str(source)

    def document(self) -> dict[str, Json]:
        """The graph in its file form; later changes of it do not reach the graph."""
        document = dict(self._document)
        _put(document, "parameters", dict(self._parameters))
        _put(document, "modules", dict(self._definitions))
        document["nodes"] = dict(self._nodes)
        _put(document, "inputs", dict(self._inputs))
        _put(document, "outputs", dict(self._outputs))
        return document

    def submit(
        self,
        workspace: Workspace | None = None,
        experiment_name: str | None = None,
        *,
        parameters: Mapping[str, Any] | None = None,
        regenerate_outputs: bool = False,
        continue_on_step_failure: bool = True,
    ) -> PipelineRun:
        """Run the graph; modules of which nothing changed are taken over from earlier runs.

        Parameters
        ----------
        workspace
            The workspace of this home, or the one that SKYLOOM_URL names, without one.
        experiment_name
            The graph's name without one.
        parameters
            Values of the graph's parameters.

        Raises
        ------
        UserErrorException
            Every reason why the graph cannot run (codes G).
        """
        from skyloom.sdk.homes import meant_workspace
        from skyloom.sdk.pipeline import Pipeline
        from skyloom.sdk.pipeline_run import PipelineRun
        from skyloom.sdk.workspace import Workspace

        place = workspace or Workspace._of(meant_workspace(), {})
        options = replace(
            Pipeline._options(), regenerate=regenerate_outputs, stop_on_failure=not continue_on_step_failure
        )
        name = experiment_name or self.name or "Untitled"
        wish = Submission(self.document(), name, dict(parameters or {}), options=options, origin="sdk")
        try:
            run = place._api.submit(wish)
        except ProblemError as error:
            raise from_problem(error) from error
        return PipelineRun(place._experiment(name), run)

    def _submit_to(self, experiment: Any, **settings: Any) -> PipelineRun:
        """``Experiment.submit(graph)``."""
        values = settings.pop("pipeline_parameters", None)
        return self.submit(experiment.workspace, experiment.name, parameters=values, **settings)

    def _added(
        self, wish: str, name: str, body: dict[str, Json], comment: str, position: Sequence[float] | None
    ) -> Node:
        _put(body, "comment", comment)
        if position is not None:
            body["position"] = list(position)
        id = wish or self._free_id(name)
        if id in self._nodes:
            what = f"There is a node '{id}' already."
            raise from_problem(ProblemError(Problem("G007", what, f"nodes.{id}", "Give it another id.")))
        self._nodes[id] = body
        return Node(id)

    def _free_id(self, name: str) -> str:
        """As the canvas names them: ``split-data``, ``split-data-2``, ..."""
        base = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split()) or "node"
        id, number = base, 2
        while id in self._nodes:
            id, number = f"{base}-{number}", number + 1
        return id


def _value(value: Any) -> Json:
    return {REF: value.name} if isinstance(value, GraphParameter) else value


def _link(source: Any) -> Json:
    if isinstance(source, (list, tuple)):
        return [_link(one) for one in source]
    return dict(source.body) if isinstance(source, Link) else str(source)


def _put(body: dict[str, Json], key: str, value: Json) -> None:
    if value not in ("", [], {}):
        body[key] = value
