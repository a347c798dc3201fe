"""What may travel along an edge, and which types stand in for which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class DataType:
    """A named kind of content. Names are Studio's: Dataset, Zip, ILearner (studio.md 2.1)."""

    name: str
    parents: tuple[str, ...] = ()
    layout: Literal["file", "folder"] = "file"
    doc: str = ""


BUILT_IN_TYPES: Mapping[str, DataType] = MappingProxyType(
    {
        data_type.name: data_type
        for data_type in (
            DataType("Any", doc="anything at all"),
            DataType("File", ("Any",), doc="one file, its bytes as they are"),
            DataType("Folder", ("Any",), "folder", doc="a folder of files"),
            DataType("Zip", ("File",), doc="a zip archive, such as a script bundle"),
            DataType("PlainText", ("File",), doc="a text file"),
            DataType("Dataset", ("Any",), doc="rows and columns with a schema"),
            DataType("UntrainedLearner", ("Any",), doc="a learner with its settings, before training"),
            DataType("UntrainedCluster", ("Any",), doc="a clustering with its settings, before training"),
            DataType("ILearner", ("Any",), doc="a trained model"),
            DataType("ICluster", ("Any",), doc="a trained clustering"),
            DataType("ITransform", ("Any",), doc="a fitted transformation"),
            DataType("Object", ("Any",), doc="any Python object, loaded in the sandbox only"),
        )
    }
)


def is_a(child: str, ancestor: str, types: Mapping[str, DataType] = BUILT_IN_TYPES) -> bool:
    """Whether content of type ``child`` may enter a port that takes ``ancestor``.

    >>> is_a("Zip", "File"), is_a("Dataset", "Zip")
    (True, False)
    """
    if child == ancestor:
        return True
    return child in types and any(is_a(parent, ancestor, types) for parent in types[child].parents)
