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
    dataset: str = ""  # direct, mount or download: the step knows it as a dataset (sdk.md 11)
    reading: str = ""  # of what another step wrote: a dataset's definition without sources, as JSON


@dataclass(frozen=True)
class OutputPort:
    """An ordered output. ``datastore`` None is the workspace's own store.

    ``optional`` content is left out when a node gives nothing for it and nothing is linked to it.
    ``path`` is where in the datastore it goes; ``{run-id}``, ``{output-name}`` and ``{parameter:NAME}`` are
    filled in, and none is the usual place. A ``prepared`` one is a folder that is there when the step begins.
    ``register`` is a wish, as JSON, to register it as a dataset once the step has ended well (sdk.md 7).
    """

    name: str
    type: str = "Dataset"
    datastore: str | None = None
    optional: bool = False
    doc: str = ""
    path: str = ""
    prepared: bool = False
    register: str = ""


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
    """A program in a snapshot of a source directory.

    The first word of ``argv`` is a script of the snapshot (``language`` python or usql) or a program. Further
    words of U-SQL come by three: --input, --output or --parameter, a name, and a place or value. So do those
    of Spark, whose first word is a notebook, a script or a class (runner/spark/step.py names the options).
    ``variables`` are environment variables as (name, value).
    """

    snapshot: Digest  # of the Folder
    argv: tuple[Argument, ...]
    language: Literal["python", "program", "usql", "spark"] = "python"
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TransferEntry:
    """A copy from the input port to the place of the output port; nothing of a box is needed for it.

    What is to lie there: ``file``, ``folder``, or None: as the source is. ``source_layout`` is checked.
    """

    source_layout: Literal["file", "folder"] | None = None
    target_layout: Literal["file", "folder"] | None = None


@dataclass(frozen=True)
class JobEntry:
    """A job of an outside engine (Spark, Ray)."""

    engine: str
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PlaceholderEntry:
    """A module of an imported graph that has no twin here; it is kept, and cannot be run."""

    module: str  # its id where it came from


Entry = FunctionEntry | ScriptEntry | CommandEntry | TransferEntry | JobEntry | PlaceholderEntry


@dataclass(frozen=True)
class ModuleSpec:
    """A kind of node, under Studio's name, with Studio's port and parameter names.

    ``family`` is the classic family id (studio.md 2.1), ``aliases`` older display names.
    ``fetches`` names the parameter group that the agent resolves before the box starts (Import Data),
    ``delivers`` that it brings the result to a place outside after the box has ended (Export Data).
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
    delivers: bool = False
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
