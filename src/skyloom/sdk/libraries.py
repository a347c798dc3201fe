"""Libraries of Spark clusters, as DatabricksStep takes them. Source: sdk.md 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class MavenLibrary:
    """A library by its Maven coordinates."""

    coordinates: str | None = None
    repo: str | None = None
    exclusions: Sequence[str] | None = None


@dataclass
class PyPiLibrary:
    """A package of Python's index."""

    package: str | None = None
    repo: str | None = None


@dataclass
class RCranLibrary:
    """A package of CRAN."""

    package: str | None = None
    repo: str | None = None


@dataclass
class EggLibrary:
    """An egg by its address."""

    library: str | None = None


@dataclass
class JarLibrary:
    """A jar by its address."""

    library: str | None = None
