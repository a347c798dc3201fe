"""ModuleSpec: the definition of a kind of node, its ports, parameters and how it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from skyloom.core.identity import Digest, Json
from skyloom.core.parameter import Parameter, ParameterRef


@dataclass(frozen=True)
class InputPort:
    """An ordered input; its place decides which argument it fills."""

    name: str
    accepts: tuple[str, ...] = ("Dataset",)
    required: bool = True
    doc: str = ""


@dataclass(frozen=True)
class OutputPort:
    """An ordered output. ``datastore`` None is the workspace's own store.

    ``optional`` content is left out when a node gives nothing for it and nothing is linked to it.
    """

    name: str
    type: str = "Dataset"
    datastore: str | None = None
    optional: bool = False
    doc: str = ""


@dataclass(frozen=True)
class PathOf:
    """An argv word that becomes the path where a port's content lies."""

    port: str


Argument = str | PathOf | ParameterRef


@dataclass(frozen=True)
class FunctionEntry:
    """A built-in or installed module: ``package.file:run``, called inside a box."""

    target: str


@dataclass(frozen=True)
class ScriptEntry:
    """Code typed in a box of the canvas."""

    language: Literal["python", "r", "sql"]
    function: str = "azureml_main"


@dataclass(frozen=True)
class CommandEntry:
    """A program in a snapshot of a source directory."""

    snapshot: Digest
    argv: tuple[Argument, ...]


@dataclass(frozen=True)
class TransferEntry:
    """A copy between two datastores."""

    source_layout: Literal["file", "folder"] = "file"


@dataclass(frozen=True)
class JobEntry:
    """A job of an outside engine (Spark, Ray)."""

    engine: str
    settings: tuple[tuple[str, str], ...] = ()


Entry = FunctionEntry | ScriptEntry | CommandEntry | TransferEntry | JobEntry


@dataclass(frozen=True)
class ModuleSpec:
    """A kind of node, under Studio's name, with Studio's port and parameter names.

    ``family`` is the classic family id (studio.md 2.1), ``aliases`` older display names.
    ``fetches`` names the parameter group that the agent resolves before the box starts (Import Data).
    """

    name: str
    version: str
    category: str
    entry: Entry
    inputs: tuple[InputPort, ...] = ()
    outputs: tuple[OutputPort, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    deterministic: bool = True
    further_outputs: bool = False  # a node may declare outputs of its own
    fetches: bool = False
    family: str = ""
    aliases: tuple[str, ...] = ()
    doc: str = ""

    def input(self, name: str) -> InputPort | None:
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> OutputPort | None:
        return next((port for port in self.outputs if port.name == name), None)

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def with_outputs(self, further: tuple[OutputPort, ...]) -> ModuleSpec:
        """The same module with a node's own outputs behind its usual ones (lifts the seed's limit 3)."""
        return replace(self, outputs=(*self.outputs, *further)) if further else self

    def defaults(self) -> dict[str, Json]:
        return {parameter.name: parameter.default for parameter in self.parameters}
