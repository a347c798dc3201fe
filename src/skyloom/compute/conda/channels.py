"""Where conda channels lie, and whether they can be used here. Source: stack.md 3.5."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from skyloom.compute.conda.credentials import bare_address
from skyloom.compute.uv_command import redacted, secrets_in, uv_settings
from skyloom.core.conda_wish import CondaWish
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.setting_words import cannot_mean

SETTING = "SKYLOOM_CONDA_CHANNELS"
MISSING = "py-rattler is not installed: pip install 'skyloom[conda]'"

_AUTO = ("", "auto", "on", "yes", "1", "true")
_OFF = ("off", "no", "none", "false", "0")
_PUBLIC = "https://conda.anaconda.org/"  # where channels are by name
_DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_KNOWN = (_PUBLIC, "https://repo.anaconda.com/", "https://repo.prefix.dev/", "https://prefix.dev/")
_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*")
_ADDRESS = re.compile(r"(https?|file)://\S+")
_LINE = re.compile(r"(?:(?P<channel>\S+)::)?(?P<rest>[A-Za-z0-9_][\w.-]*\s*([\s=<>!~\[].*)?)")
_PROBE = Path(__file__).with_name("probe.py")
_ANSWERS_WITHIN_S = 4.0
_FOUND_FOR_S = 600.0
_MISSED_FOR_S = 60.0


@dataclass(frozen=True)
class ChannelPlaces:
    """What the setting says: nothing, ``off``, or where channels lie.

    Parameters
    ----------
    root
        Address below which channels are by their name.
    named
        Addresses of single channels, by name.
    """

    root: str = _PUBLIC
    named: Mapping[str, str] = field(default_factory=dict)
    is_off: bool = False

    def addresses(self, channel: str) -> tuple[str, ...]:
        """Where a channel of an environment lies; ``defaults`` are two.

        >>> ChannelPlaces().addresses("conda-forge"), ChannelPlaces("file:///m/").addresses("https://conda.anaconda.org/x")
        (('https://conda.anaconda.org/conda-forge',), ('file:///m/x',))
        """
        name = channel.removeprefix(_PUBLIC)
        if name in self.named:
            return (self.named[name],)
        if _ADDRESS.fullmatch(name):
            return (name,)
        if name == "defaults" and self.root == _PUBLIC:
            return _DEFAULTS
        if name.removeprefix("pkgs/") in ("main", "r") and self.root == _PUBLIC:
            return (f"https://repo.anaconda.com/pkgs/{name.removeprefix('pkgs/')}",)
        return (self.root + name,)

    def allows(self, channel: str) -> bool:
        """Whether an environment may name it: by its name, or below an address that is known or set here."""
        name = channel.removeprefix(_PUBLIC)
        if _NAME.fullmatch(name):
            return ".." not in name
        places = (*_KNOWN, self.root, *self.named.values())
        return ".." not in name and any(f"{name}/".startswith(one.rstrip("/") + "/") for one in places)


def channel_places(environ: Mapping[str, str]) -> ChannelPlaces:
    """Read the setting: ``auto``, ``off``, an address in place of the public one, or ``name=address`` each.

    Raises
    ------
    ProblemError
        A028: it says something else.

    >>> channel_places({SETTING: "https://mirror.example/conda; mine=file:///data/mine"}).addresses("mine")
    ('file:///data/mine',)
    """
    said = environ.get(SETTING, "").strip()
    if said.lower() in _AUTO:
        return ChannelPlaces()
    if said.lower() in _OFF:
        return ChannelPlaces(is_off=True)
    root, named = _PUBLIC, {}
    for entry in (one.strip() for one in said.split(";") if one.strip()):
        name, equal, address = entry.partition("=")
        if _ADDRESS.fullmatch(entry):
            root = entry.rstrip("/") + "/"
        elif equal and _NAME.fullmatch(name.strip()) and _ADDRESS.fullmatch(address.strip()):
            named[name.strip()] = address.strip().rstrip("/")
        else:
            fix = "Give auto, off, an address, or name=address, separated by ;"
            raise cannot_mean(SETTING, entry.partition("://")[0], fix)
    return ChannelPlaces(root, named)


class Channels:
    """The channels of one agent: looked at with a bound of some seconds, and remembered for a while."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self.places = channel_places(environ)
        self._looking = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[float, str]] = {}  # until when, why not

    def check(self, wish: CondaWish, allow_places: bool = False) -> None:
        """Refuse lines that are none, and channels by an address that nobody who runs this agent named.

        Raises
        ------
        ProblemError
            C069 a line or channel that does not read, C054 an address; all are reported.
        """
        problems = [_unreadable(line) for line in wish.packages if _LINE.fullmatch(line) is None]
        pinned = [found["channel"] for line in wish.packages if (found := _LINE.fullmatch(line))]
        for channel in dict.fromkeys((*wish.channels, *(one for one in pinned if one))):
            if not (self.places.allows(channel) or (allow_places and _ADDRESS.fullmatch(channel))):
                problems.append(_not_allowed(channel))
        if problems:
            raise ProblemError(problems)

    def addresses(self, wish: CondaWish) -> tuple[str, ...]:
        """Addresses of all channels in order, with what opens them; those that packages name come last."""
        pinned = [line.rpartition("::")[0] for line in wish.packages]
        named = (*wish.channels, *(one for one in pinned if one))
        return tuple(dict.fromkeys(place for one in named for place in self.places.addresses(one)))

    def specs(self, wish: CondaWish) -> tuple[str, ...]:
        """The lines, a channel in them by its bare address."""
        found = (line.rpartition("::") for line in wish.packages)
        return tuple(
            f"{bare_address(self.places.addresses(channel)[0])}::{rest}" if channel else rest
            for channel, _, rest in found
        )

    def secrets(self) -> tuple[str, ...]:
        """Hosts and passwords that no line may show."""
        places = " ".join((self.places.root, *self.places.named.values()))
        hidden = secrets_in({**self._environ, "UV_FIND_LINKS": places})
        return tuple(one for one in hidden if one not in _PUBLIC)

    def why_not(self, wish: CondaWish) -> str:
        """Why conda's packages cannot be had here, as a clause; empty where they can.

        Takes up to 4 s where a channel does not answer.
        """
        why = self._why_none()
        if why:
            return why
        key = self.addresses(wish)
        with self._looking:
            until, why = self._known.get(key, (0.0, ""))
            if time.monotonic() >= until:
                why = self._look(wish.channels, key)
                self._known[key] = (time.monotonic() + (_MISSED_FOR_S if why else _FOUND_FOR_S), why)
        return why

    def describe(self) -> str:
        """For ``doctor``: what solves, or why nothing does. No channel is asked."""
        return self._why_none() or f"py-rattler {metadata.version('py-rattler')}"

    def _why_none(self) -> str:
        """Why no channel is asked at all; empty where they are."""
        if self.places.is_off:
            return f"{SETTING} is off"
        return MISSING if importlib.util.find_spec("rattler") is None else ""

    def _look(self, names: Sequence[str], addresses: Sequence[str]) -> str:
        owner = {place: name for name in names for place in self.places.addresses(name)}
        answers = _answers(addresses, uv_settings(self._environ))
        secrets = self.secrets()
        whys = [
            f"the channel '{_shown(owner.get(place, place))}' was not reached ({redacted(why, secrets)})"
            for place, why in zip(addresses, answers)
            if why
        ]
        return "; ".join(whys)


def _answers(addresses: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Why each address gives no channel; empty text where it does."""
    silence = f"no answer within {_ANSWERS_WITHIN_S:g} s"
    try:
        said = subprocess.run(
            [sys.executable, "-I", "-S", str(_PROBE), str(_ANSWERS_WITHIN_S - 0.5), *addresses],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environ),
            cwd="/",
            timeout=_ANSWERS_WITHIN_S,
            check=False,
        )
        answers = [str(one) for one in json.loads(said.stdout)]
    except subprocess.TimeoutExpired:
        return [silence] * len(addresses)
    except (OSError, ValueError, TypeError):
        return ["it could not be asked"] * len(addresses)
    return answers if len(answers) == len(addresses) else [silence] * len(addresses)


def _unreadable(line: str) -> Problem:
    what = f"{line[:120]!r} is no package of conda."
    fix = "Write a package and, if needed, its version and channel: numpy=1.26, conda-forge::gdal>=3."
    return Problem("C069", what, "conda packages", fix)


def _not_allowed(channel: str) -> Problem:
    if not _ADDRESS.fullmatch(channel):
        fix = "Write a name (conda-forge) or an address (https://...)."
        return Problem("C069", f"{channel[:120]!r} is no conda channel.", "conda channels", fix)
    what = f"The channel '{_shown(channel)}' is named by an address that this agent does not know."
    fix = f"Name a channel of the public ones, or have the address listed in {SETTING} (name=address)."
    return Problem("C054", what, "conda channels", fix)


def _shown(channel: str) -> str:
    """A channel for people: of an address, which may hold a password, the last part."""
    return channel.rpartition("/")[2] if "://" in channel else channel
