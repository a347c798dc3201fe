"""Fingerprint: what makes two node runs the same, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skyloom.core.identity import Digest, Json, digest_of
from skyloom.core.module import ModuleSpec
from skyloom.core.parameter import is_shown


@dataclass(frozen=True)
class Parts:
    """Everything a result depends on: module, values that count, inputs, environment."""

    module: Digest
    values: Mapping[str, Json]
    inputs: Mapping[str, Json]  # port -> digest, or None where nothing is linked
    environment: Json

    def as_json(self) -> dict[str, Json]:
        return {
            "module": self.module,
            "values": dict(self.values),
            "inputs": dict(self.inputs),
            "environment": self.environment,
        }


def fingerprint_parts(
    module: ModuleSpec,
    module_digest: Digest,
    values: Mapping[str, Json],
    inputs: Mapping[str, Digest | None],
    environment: Json,
) -> Parts:
    """The parts that count: hidden branches and parameters that do not affect the result are left out.

    Source: studio.md 4.2 ("only parameters of the active mode branch belong in the key").
    """
    counted = {
        parameter.name: values.get(parameter.name, parameter.default)
        for parameter in module.parameters
        if parameter.affects_result and is_shown(module.parameters, parameter, values)
    }
    return Parts(module_digest, counted, dict(inputs), environment)


def fingerprint(parts: Parts) -> Digest:
    """Equal fingerprint: the earlier outputs may be taken over in place of a run."""
    return digest_of(parts.as_json())


def differences(now: Mapping[str, Json], earlier: Mapping[str, Json]) -> Iterator[str]:
    """In words, each part in which a node run differs from an earlier one."""
    if now.get("module") != earlier.get("module"):
        yield "the module itself (its version, ports or parameters) changed"
    for kind, label in (("values", "parameter"), ("inputs", "input")):
        mine, theirs = _mapping(now.get(kind)), _mapping(earlier.get(kind))
        for name in sorted(mine.keys() | theirs.keys()):
            if mine.get(name) != theirs.get(name):
                yield f"{label} '{name}' {_changed(kind, theirs.get(name), mine.get(name))}"
    if now.get("environment") != earlier.get("environment"):
        yield "the environment changed"


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _changed(kind: str, before: Json, after: Json) -> str:
    if kind == "inputs":
        if before is None or after is None:
            return "is now linked" if before is None else "is no longer linked"
        return "has other content"
    if max(len(str(before)), len(str(after))) > 60:
        return "has another text"
    return f"was {before!r} and is {after!r}"
