"""The palette: every module there is, by its name, an older name or its classic family id."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from skyloom.core.data_type import BUILT_IN_TYPES
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.problem import Problem

ENTRY_POINTS = "skyloom.modules"
INTERNAL = "Internal"  # category of modules that the workspace uses and the palette does not show

_DEFINES_SPEC = re.compile(r"^SPEC\b", re.MULTILINE)
_FAMILY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class ModuleCatalogue:
    """Module definitions, sorted by category and name.

    ``problems`` tells of installed packages that could not be taken in; the rest works without them.
    """

    specs: tuple[ModuleSpec, ...]
    problems: tuple[Problem, ...] = ()

    def find(self, name: str, version: str | None = None) -> ModuleSpec | None:
        """The module of that name: in the newest version, or exactly in ``version``.

        A display name as written wins, then an older one, then a family id (alone or inside a classic module
        id), then either kind of name in other case or spacing (studio.md 2.1).
        """
        keys = (name, name, _family_of(name), _folded(name))
        for index, key in zip(self._indexes, keys):
            if key in index:
                return next((spec for spec in index[key] if version in (None, spec.version)), None)
        return None

    def names(self) -> list[str]:
        """Display names of the palette."""
        return [spec.name for spec in self.all()]

    def all(self) -> list[ModuleSpec]:
        """The newest version of each module of the palette."""
        return [versions[0] for versions in self._indexes[0].values() if versions[0].category != INTERNAL]

    @cached_property
    def _indexes(self) -> tuple[Mapping[str, list[ModuleSpec]], ...]:
        """By name, by older name, by family, by name regardless of case; newest version first."""
        names, aliases, families, folded = (defaultdict[str, list[ModuleSpec]](list) for _ in range(4))
        for spec in self.specs:
            names[spec.name].append(spec)
            for alias in spec.aliases:
                aliases[alias].append(spec)
            if spec.family:
                families[spec.family].append(spec)
        for index in (names, aliases):
            for name, specs in index.items():
                specs.sort(key=lambda spec: _ordered(spec.version), reverse=True)
                folded.setdefault(_folded(name), specs)
        return names, aliases, families, folded


def load_catalogue() -> ModuleCatalogue:
    """Read the built-in modules, then what installed packages offer in the group ``skyloom.modules``.

    A package that cannot be read, or whose module has the name of a built-in one, is left out and told of in
    ``problems``: D080 does not load, D081 takes a built-in's name, D082 is no usable definition.
    """
    specs = list(_built_in())
    built_in = ModuleCatalogue(tuple(specs))
    problems: list[Problem] = []
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value)):
        found = _installed(point, built_in)
        if isinstance(found, ModuleSpec):
            specs.append(found)
        else:
            problems.append(found)
    return ModuleCatalogue(tuple(sorted(specs, key=lambda spec: (spec.category, spec.name))), tuple(problems))


def _built_in() -> Iterator[ModuleSpec]:
    """The ``SPEC`` of each file below this folder that defines one; other files are not imported."""
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.parent != root and _DEFINES_SPEC.search(path.read_text(encoding="utf-8")):
            place = ".".join(path.relative_to(root).with_suffix("").parts)
            yield importlib.import_module(f"skyloom.modules.{place}").SPEC


def _installed(point: EntryPoint, built_in: ModuleCatalogue) -> ModuleSpec | Problem:
    origin = f"{point.dist.name if point.dist else 'a package'}, entry point '{point.name}'"
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:  # whatever a foreign package does while it is imported
        return Problem(
            "D080",
            f"The installed module '{point.value}' does not load: {type(error).__name__}: {error}.",
            origin,
            "Update or uninstall the package.",
        )
    spec = getattr(loaded, "SPEC", loaded)
    if not isinstance(spec, ModuleSpec):
        return _unusable(f"'{point.value}' has no SPEC that is a ModuleSpec", origin)
    fault = _fault(spec, point)
    if fault:
        return _unusable(fault, origin)
    for name in (spec.name, *spec.aliases, spec.family):
        same = built_in.find(name) if name else None
        if same is not None:
            return Problem(
                "D081",
                f"The installed module '{spec.name}' would take the place of the built-in '{same.name}'.",
                origin,
                "Ask its author to choose another name.",
            )
    return spec


def _fault(spec: ModuleSpec, point: EntryPoint) -> str | None:
    """What makes a foreign definition unusable, found before a run meets it."""
    package = _package_of(point.value)
    if not isinstance(spec.entry, FunctionEntry) or _package_of(spec.entry.target) != package:
        return f"'{spec.name}' does not run a function of its own package '{package}'"
    names = [parameter.name for parameter in spec.parameters]
    for what, found in (
        ("parameters", names),
        ("inputs", [port.name for port in spec.inputs]),
        ("outputs", [port.name for port in spec.outputs]),
    ):
        if len(set(found)) != len(found):
            return f"'{spec.name}' has two {what} of one name"
    strange = next((port.type for port in spec.outputs if port.type not in BUILT_IN_TYPES), None)
    if strange is not None:
        return f"'{spec.name}' gives the unknown data type '{strange}'"
    parents = [parameter.shown_when[0] for parameter in spec.parameters if parameter.shown_when]
    lost = next((parent for parent in parents if parent not in names), None)
    return None if lost is None else f"'{spec.name}' shows a parameter by the unknown parameter '{lost}'"


def _unusable(what: str, origin: str) -> Problem:
    return Problem("D082", f"{what}.", origin, "Report this to the author of the package.")


def _package_of(target: str) -> str:
    """The top-level package in ``package.file:function``."""
    return target.partition(":")[0].partition(".")[0]


def _family_of(name: str) -> str:
    """The family inside ``<workspace>.<family>.v1-default-1730``, or the name itself without dashes."""
    parts = name.lower().replace("-", "").split(".")
    part = parts[1] if len(parts) > 1 else parts[0]
    return part if _FAMILY.fullmatch(part) else ""


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
