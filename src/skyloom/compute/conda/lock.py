"""What an environment of conda packages resolved to: rattler's lock, and requirement lines of pip on top."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from skyloom.compute.environment_folder import write_durably
from skyloom.core.environment import Environment
from skyloom.core.identity import Digest, digest_of


@dataclass(frozen=True)
class CondaLock:
    """One kind of machine's answer to a wish.

    Parameters
    ----------
    conda
        Text of the lock that rattler wrote and reads: every package with its address and hash.
    conda_pins
        ``name=version=build``, sorted.
    pip
        Requirement lines with hashes, as uv wrote them; empty where conda has everything.
    pip_pins
        Those lines without hashes.
    notices
        What gave way.
    """

    python: str
    platform: str
    conda: str
    conda_pins: tuple[str, ...]
    pip: str = ""
    pip_pins: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def pins(self) -> tuple[str, ...]:
        """Everything that is installed, conda's packages first."""
        return (*self.conda_pins, *self.pip_pins)

    @property
    def text(self) -> str:
        """Both locks, for people."""
        return "\n".join(part for part in (self.conda, self.pip) if part)

    def has(self, name: str) -> bool:
        """Whether a package is among them."""
        return any(pin.startswith(f"{name}=") for pin in self.pins)

    def digest(self, environment: Environment) -> Digest:
        """Digest of what scripts can see of it: packages with their builds, platform, variables."""
        return digest_of(
            {
                "conda": list(self.conda_pins),
                "packages": list(self.pip_pins),
                "python": self.python,
                "platform": self.platform,
                "variables": [list(pair) for pair in environment.variables],
            }
        )

    def keep(self, path: Path) -> None:
        write_durably(path, json.dumps(asdict(self), indent=1))


def kept_conda_lock(path: Path) -> CondaLock | None:
    """What ``keep`` wrote, if it was for such a machine."""
    try:
        fields = json.loads(path.read_bytes())
        for name in ("conda_pins", "pip_pins", "notices"):
            fields[name] = tuple(fields[name])
        found = CondaLock(**fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.platform == sysconfig.get_platform() else None


def pins_of(lines: Sequence[str]) -> tuple[str, ...]:
    """Requirement lines of a lock without their hashes, sorted."""
    bare = (line.removesuffix("\\").strip() for line in lines)
    return tuple(sorted(line for line in bare if line and not line.startswith(("#", "--hash"))))
