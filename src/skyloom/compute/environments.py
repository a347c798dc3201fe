"""The entry of this part of the room: from what a node says to an interpreter that is ready.

``resolve`` decides (no network), ``ready`` builds what is missing. Start reading here, then
environment_wish.py (the decision), environment_builder.py (uv), conda/builder.py (conda channels),
environment_folder.py (what lies on disk).
"""

from __future__ import annotations

import os
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from skyloom.compute.conda.builder import CondaBuilder
from skyloom.compute.conda.channels import Channels
from skyloom.compute.containers.engine import Engines, no_engine
from skyloom.compute.current_environment import current_environment, current_interpreter
from skyloom.compute.environment_builder import Builder
from skyloom.compute.environment_folder import EnvironmentFolder, Manifest, folders_in
from skyloom.compute.environment_wish import PackagePolicy, header_notice, image_environment, wish_for
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.interpreters import Python, choose_python, find_pythons, is_loose
from skyloom.compute.legacy_builder import LegacyBuilder, old_python, why_not
from skyloom.compute.requirements import read_requirements
from skyloom.compute.studio_packages import studio_environment
from skyloom.compute.uv_command import OnLine, find_uv
from skyloom.compute.wish_store import SharedWishes, WishStore
from skyloom.core.environment import CURRENT, LEGACY, OWN, PYTHON_VERSIONS, STUDIO, Environment
from skyloom.core.identity import Digest
from skyloom.core.image_wish import ImageWish, read_image_wish
from skyloom.core.problem import Problem, ProblemError

_WAITING = "Waiting for another build of this environment."


@dataclass(frozen=True)
class BuiltEnvironment:
    """One complete environment on disk, for lists. Sizes are those of the day it was built."""

    name: str
    wish: Digest
    digest: Digest
    folder: str
    python: str
    packages: tuple[str, ...]
    size_bytes: int
    shared_bytes: int
    built_at: float
    last_used: float
    channels: tuple[str, ...] = ()  # of conda, where its packages are from there


@dataclass(frozen=True)
class Description:
    """What ``doctor`` shows: the builder, the Pythons found, the environments built."""

    uv: str  # path; empty: not found
    pythons: tuple[Python, ...]
    built: tuple[BuiltEnvironment, ...]
    size_bytes: int
    shared_bytes: int
    conda: str  # which way conda's packages are had here, or why not


class Environments:
    """The environments of one agent; several agents may share a folder of them.

    Parameters
    ----------
    home
        The agent's home folder.
    folder
        Where they lie; ``home/envs`` if not given.
    policy
        What scripts may ask for.
    environ
        Settings of the agent (package index, proxies); this process's own if not given.
    shared
        Where other agents of the workspace look environments up.
    engines
        Who says whether container images can be run here.
    """

    def __init__(
        self,
        home: Path,
        policy: PackagePolicy | None = None,
        environ: Mapping[str, str] | None = None,
        shared: SharedWishes | None = None,
        engines: Engines | None = None,
        folder: Path | None = None,
    ) -> None:
        self._root = (folder or home / "envs").absolute()
        self._policy = policy or PackagePolicy()
        self._environ = dict(os.environ if environ is None else environ)
        self._engines = engines or Engines(environ)
        self._channels = Channels(self._environ)
        self._wishes = WishStore(self._root / "wishes", shared)
        self._mutex = threading.Lock()
        self._held: dict[str, int] = {}  # folder key -> descriptor of the "in use" lock
        self._told: set[Digest] = set()
        self._known: set[Digest] = set()  # remembered, and their Python is here

    def resolve(
        self,
        name_or_spec: str | Environment | None = None,
        script_text: str | None = None,
        requirements: str | None = None,
    ) -> Environment:
        """Decide which environment a node gets, without network; it can be asked for later by its digest.

        Parameters
        ----------
        name_or_spec
            ``studio`` (the default), ``studio-3.6``, ``studio-2.7``, ``current``, ``own``, a value of the old
            parameter ``Python Version``, or the digest of an environment resolved before.
        script_text
            The script, for its header (PEP 723).
        requirements
            Text of the requirements parameter.

        Raises
        ------
        ProblemError
            C050 to C054, C060, C063: see ``wish_for``. C066 no engine runs the image that a step asks for.
            C069 a conda package or channel does not read. C100 the machine has no Python that old.
        """
        if isinstance(name_or_spec, Environment):
            return self._remembered(name_or_spec)
        name = (name_or_spec or STUDIO).strip()
        if name.startswith("sha256:"):
            return self._recalled(Digest(name))
        if name in PYTHON_VERSIONS:
            return self._for_python_version(name, script_text, requirements)
        image = read_image_wish(requirements)
        if image is not None and name in (STUDIO, OWN):
            return self._remembered(self._in_image(image, name, script_text, requirements))
        wish = wish_for(name, script_text, requirements, self._policy)
        if wish is not None and wish.conda is not None:
            self._channels.check(wish.conda, self._policy.allow_places)
        if wish is None:
            return replace(current_environment(), notices=header_notice(script_text))
        return self._remembered(wish)

    def ready(self, environment: Environment, on_line: OnLine) -> Interpreter:
        """Give an interpreter with the environment's packages, built now if it was not before.

        Two that ask at once, in one process or two, build once. A folder that is half built or damaged is
        built anew and never used. Nothing is started and the network is not used if it was built before.

        Parameters
        ----------
        on_line
            Gets each line of the build as it comes, and the environment's notices once per agent. What it
            raises stops the build.

        Raises
        ------
        ProblemError
            C051 no fitting Python, C055 to C059, C061, C062, C064, C065 the build failed, C066 an image, C068
            to C070 what conda channels say.
        """
        if environment.name == CURRENT:
            self._tell(environment.digest, environment.notices, on_line)
            return current_interpreter()
        _refuse_image(environment)
        folder = self._folder(environment)
        self._hold(folder)
        manifest = folder.intact() or self._built(environment, folder, on_line)
        folder.mark_used()
        self._tell(environment.digest, (*environment.notices, *manifest.notices), on_line)
        return Interpreter(
            environment.name,
            manifest.digest,
            str(folder.python),
            manifest.python,
            environment.compatibility,
            (str(folder.path / "venv"), manifest.base_prefix) if environment.is_legacy else (),
            () if environment.name == STUDIO else manifest.notices,  # nobody asked for its versions
        )

    def digest(self, environment: Environment, on_line: OnLine) -> Digest:
        """Digest of what ``ready`` gives, without building it; the first time it is resolved by the index.

        Raises
        ------
        ProblemError
            As ``ready``.
        """
        if environment.name == CURRENT:
            return current_interpreter().digest
        folder = self._folder(environment)
        manifest = folder.manifest()
        if manifest:
            return manifest.digest
        with folder.building(lambda: on_line(_WAITING)) as held:
            return self._builder(environment).lock(environment, folder, on_line, held).digest(environment)

    def list(self) -> tuple[BuiltEnvironment, ...]:
        """Complete environments, the most recently used first."""
        pairs = ((folder, folder.manifest()) for folder in folders_in(self._root))
        built = (_described(folder, manifest) for folder, manifest in pairs if manifest)
        return tuple(sorted(built, key=lambda one: one.last_used, reverse=True))

    def known(self) -> tuple[Environment, ...]:
        """Every environment that was resolved once and needs building; the built-in ones among them."""
        found = {one.digest: one for one in self._wishes.all()}
        for name in (STUDIO, *LEGACY):
            wish = wish_for(name)
            assert wish is not None  # only `current` has none
            found[wish.digest] = wish
        return tuple(found.values())

    def folder(self, environment: Environment) -> EnvironmentFolder:
        """Where it is, or would be."""
        return self._folder(environment)

    def why_not(self, environments: Sequence[Environment]) -> tuple[str, ...]:
        """Why this machine cannot build each; empty where it may. Asks each Python found what it is."""
        found = self._found_pythons()
        return tuple(_why_not(one, found) for one in environments)

    def remove(self, environment: Environment) -> bool:
        """Remove its folder; what it resolved to is remembered. False if someone builds or uses it."""
        return self._folder(environment).remove_if_unused()

    def remove_unused(self, keep: int = 0) -> tuple[Path, ...]:
        """Remove all but the ``keep`` most recently used environments, and what failed builds left.

        One that an agent has made ready and not released stays. Versions are remembered: an environment that
        is asked for again comes back the same.
        """
        kept = {built.folder for built in self.list()[:keep]}
        folders = (folder for folder in folders_in(self._root) if str(folder.path) not in kept)
        return tuple(folder.path for folder in folders if folder.remove_if_unused())

    def release(self, environment: Environment) -> None:
        """Say that this agent no longer uses an environment, so that it may be removed."""
        with self._mutex:
            held = self._held.pop(self._folder(environment).key, None)
        if held is not None:
            os.close(held)

    def forget(self, environment: Environment) -> bool:
        """Remove an environment and its remembered versions: the next build resolves anew.

        False if someone uses it.
        """
        self.release(environment)
        folder = self._folder(environment)
        if not folder.remove_if_unused():
            return False
        folder.forget_pins()
        return True

    def describe(self) -> Description:
        """Tell what there is, for ``doctor``. Asks each Python found what it is (some tenths of a second)."""
        try:
            uv = find_uv(self._environ).path
        except ProblemError:
            uv = ""
        built = self.list()
        size = sum(one.size_bytes for one in built)
        shared = sum(one.shared_bytes for one in built)
        return Description(uv, self._found_pythons(), built, size, shared, self._channels.describe())

    def close(self) -> None:
        """Release everything."""
        with self._mutex:
            held, self._held = self._held, {}
        for descriptor in held.values():
            os.close(descriptor)

    def _built(self, environment: Environment, folder: EnvironmentFolder, on_line: OnLine) -> Manifest:
        with folder.building(lambda: on_line(_WAITING)) as held:
            manifest = folder.intact()
            if manifest:
                return manifest
            builder = self._builder(environment)
            folder.clear()
            folder.path.mkdir(parents=True)
            with open(folder.log, "w", encoding="utf-8") as log:
                say = _both(log, on_line)
                say(f"Building the environment `{environment.name}`.")
                try:
                    return builder.build(environment, folder, say, held)
                except ProblemError as error:
                    log.write(f"{error}\n")
                    raise

    def _builder(self, environment: Environment) -> Builder | LegacyBuilder | CondaBuilder:
        uv = find_uv(self._environ)
        if environment.is_legacy:
            return LegacyBuilder(uv, self._environ, self._found_pythons)
        builder = Builder(uv, self._policy, self._found_pythons)
        return CondaBuilder(uv, self._channels, builder) if environment.conda else builder

    def _for_python_version(self, value: str, script: str | None, requirements: str | None) -> Environment:
        """Honour the old parameter where the machine can; what a script itself asks for goes first."""
        name = PYTHON_VERSIONS[value]
        wish = wish_for(STUDIO, script, requirements, self._policy)
        assert wish is not None  # only `current` has none
        if wish.digest != studio_environment().digest:
            notice = f"`Python Version` ({value}) is not applied: the script has an environment of its own."
            return self._remembered(replace(wish, notices=(*wish.notices, notice)))
        legacy = wish_for(name, script, None, self._policy)
        assert legacy is not None
        is_built = self._folder(legacy).manifest() is not None
        why = "" if is_built else why_not(name, self._found_pythons())
        if not why:
            return self._remembered(legacy)
        notice = f"`Python Version` ({value}) cannot be honoured: {why}. `{STUDIO}` is used."
        return self._remembered(replace(wish, notices=(*wish.notices, notice)))

    def _in_image(
        self, image: ImageWish, name: str, script: str | None, requirements: str | None
    ) -> Environment:
        """Give the image where an engine runs it, else its packages alone, where they may stand for it."""
        why = self._engines.why_not()
        if not why:
            return image_environment(image, script, requirements, self._policy)
        told = f"the image '{image.image}'" if image.image else "the Dockerfile"
        if image.is_only:
            raise ProblemError(no_engine(f"A step asks for {told}, which cannot be run here", why))
        if not read_requirements(requirements or "", self._policy.allow_places):
            name, script = STUDIO, None  # a Python without a package is the default environment's
        wish = wish_for(name, script, requirements, self._policy)
        assert wish is not None  # only `current` has none
        notice = f"{told[0].upper()}{told[1:]} is not used ({why}): the step has the packages alone."
        return replace(wish, notices=(*wish.notices, notice))

    def _found_pythons(self) -> tuple[Python, ...]:
        return find_pythons(self._environ)  # looked for each time: one may just have been installed

    def _folder(self, environment: Environment) -> EnvironmentFolder:
        return EnvironmentFolder(self._root, environment.digest, sysconfig.get_platform())

    def _hold(self, folder: EnvironmentFolder) -> None:
        with self._mutex:
            if folder.key not in self._held:
                self._held[folder.key] = folder.hold()

    def _tell(self, digest: Digest, notices: tuple[str, ...], on_line: OnLine) -> None:
        with self._mutex:
            is_new = digest not in self._told
            self._told.add(digest)
        for notice in notices if is_new else ():
            on_line(notice)

    def _remembered(self, environment: Environment) -> Environment:
        """Keep what resolves the digest later; refuse now a condition that no Python here meets."""
        if environment.name == CURRENT or environment.digest in self._known:
            return environment
        is_exact = (
            not is_loose(environment.python) and environment.conda is None
        )  # else: a channel may have it
        if is_exact and self._folder(environment).manifest() is None:
            if environment.is_legacy:
                old_python(environment.name, self._found_pythons())
            else:
                choose_python(environment.python, self._found_pythons())
        self._wishes.remember(environment)
        self._known.add(environment.digest)
        return environment

    def _recalled(self, digest: Digest) -> Environment:
        for known in (studio_environment, current_environment):
            if known().digest == digest:
                return known()
        environment = self._wishes.recall(digest)
        if environment is None:
            message = f"No environment with the digest {digest} is known."
            fix = "Resolve the script again on this agent."
            raise ProblemError(Problem("C050", message, "environment", fix))
        return environment


def _why_not(environment: Environment, found: tuple[Python, ...]) -> str:
    if environment.is_image:
        return "it is an image, which is built when a step needs it"
    if environment.is_legacy:
        return why_not(environment.name, found)
    try:
        choose_python(environment.python, found)
    except ProblemError as error:
        return error.problem.message
    return ""


def _refuse_image(environment: Environment) -> None:
    if environment.is_image:
        fix = "Name packages instead of an image."
        message = f"Only Python scripts and programs run in an image ({environment.image or 'a Dockerfile'})."
        raise ProblemError(Problem("C066", message, "environment", fix))


def _described(folder: EnvironmentFolder, manifest: Manifest) -> BuiltEnvironment:
    return BuiltEnvironment(
        name=manifest.name,
        wish=manifest.wish,
        digest=manifest.digest,
        folder=str(folder.path),
        python=manifest.python,
        packages=manifest.pins,
        size_bytes=manifest.size_bytes,
        shared_bytes=manifest.shared_bytes,
        built_at=manifest.built_at,
        last_used=folder.last_used(),
        channels=manifest.channels,
    )


def _both(log: IO[str], on_line: OnLine) -> OnLine:
    """Write each line into the log, at once, and hand it on."""

    def say(line: str) -> None:
        log.write(line + "\n")
        log.flush()
        on_line(line)

    return say
