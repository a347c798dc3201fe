"""The message a box gets, read into values.

Nothing here is a bare dict or list held by a function while user code runs: scripts have been seen that walk
up the stack and clear every dict and list they find there.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Mapping, Optional, Sequence, Tuple

from skyloom.core.problem import Problem, ProblemError

BUNDLE_PORT = "Script Bundle"  # studio.md 1.1
BUNDLE_FOLDER = "Script Bundle"  # studio.md 1.3
FILE_TYPES = (
    "File",
    "Zip",
    "PlainText",
)  # kept as the bytes they are; every other type but Dataset is pickled


@dataclass(frozen=True)
class Input:
    """One input port. ``descriptor`` is None when nothing is connected."""

    port: str
    type: str = "Dataset"
    name: str = ""
    descriptor: Optional[int] = None
    files: Tuple[Tuple[str, int], ...] = ()  # digest of a further table file -> descriptor

    @property
    def is_connected(self) -> bool:
        return self.descriptor is not None


@dataclass(frozen=True)
class Output:
    """One output port and the nameless file that takes its content."""

    port: str
    type: str
    descriptor: int
    is_optional: bool = False  # left out when nothing was returned for it


@dataclass(frozen=True)
class Job:
    """Everything one box was asked to do."""

    entry: Mapping[str, Any]
    values: Mapping[str, Any]
    inputs: Tuple[Input, ...]
    outputs: Tuple[Output, ...]
    has_bundle: bool
    wants_compatibility: bool
    limits: Mapping[str, Any]
    work: str
    tells_locals: bool = False  # what the variables of a script held that failed

    @property
    def data_inputs(self) -> Tuple[Input, ...]:
        """The ports that become arguments: all but the zip port."""
        return tuple(item for item in self.inputs if item.port != BUNDLE_PORT and item.type != "Zip")

    def text_value(self, *names: str) -> Optional[str]:
        """The first of these parameters that holds text."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, str) and value.strip():
                return value
        return None


def read_message(message: Mapping[str, Any], descriptors: Sequence[int]) -> Job:
    """Turn the message and its descriptors into a `Job`.

    Raises
    ------
    ProblemError
        S038 when the message does not have the agreed form.
    """
    try:
        return Job(
            entry=MappingProxyType(dict(message["entry"])),
            values=MappingProxyType(dict(message.get("values") or {})),
            inputs=tuple(_input(port, item, descriptors) for port, item in message["inputs"].items()),
            outputs=tuple(
                Output(port, item["type"], descriptors[item["file"]], bool(item.get("optional")))
                for port, item in message["outputs"].items()
            ),
            has_bundle=bool(message.get("bundle")),
            wants_compatibility=bool(message.get("compatibility")),
            limits=MappingProxyType(dict(message.get("limits") or {})),
            work=message.get("work") or "/work",
            tells_locals=bool(message.get("locals")),
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        what = f"The task cannot be read: {type(error).__name__}: {error}."
        raise ProblemError(
            Problem("S038", what, "", "Agent and environment may have different versions.")
        ) from error


def _input(port: str, item: Optional[Mapping[str, Any]], descriptors: Sequence[int]) -> Input:
    if item is None:
        return Input(port)
    files = tuple((digest, descriptors[index]) for digest, index in (item.get("files") or {}).items())
    return Input(port, item["type"], item.get("name") or "", descriptors[item["file"]], files)
