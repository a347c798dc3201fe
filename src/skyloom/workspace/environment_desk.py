"""The environments of a workspace as people see them: listed, built ahead of need, removed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from skyloom.compute.environments import Environments
from skyloom.core.conda_packages import USUAL_PYTHON, conda_tree, requirements_of
from skyloom.core.conda_wish import chosen_conda
from skyloom.core.environment import BUILT_IN, CURRENT, LEGACY, NEAREST, STUDIO, Environment
from skyloom.core.environment_view import BuildLog, EnvironmentState, EnvironmentView
from skyloom.core.identity import Digest, Json
from skyloom.core.image_wish import ImageWish, chosen_image
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.command import PYTHON, REQUIREMENTS, step_environment
from skyloom.workspace.environments import WorkspaceEnvironments

_ASK_AGAIN_S = 60.0
_MOST_LINES = 2000  # of a log, that are shown
_ORDER = ("built-in", "registered", "own")


class EnvironmentDesk:
    """Implements core.environment_view.EnvironmentsApi.

    Parameters
    ----------
    facts
        The workspace's facts; ``environments`` are those that the SDK registered, by name, each version as
        it was kept.
    """

    def __init__(
        self,
        environments: Environments,
        resolved: WorkspaceEnvironments,
        facts: Callable[[], Mapping[str, Json]],
    ) -> None:
        self._environments = environments
        self._resolved = resolved
        self._facts = facts
        self._change = threading.Lock()
        self._building: set[Digest] = set()  # by a thread of ours
        self._problems: dict[Digest, str] = {}
        self._whys: Mapping[Digest, str] = {}
        self._asked_at = -_ASK_AGAIN_S

    def all(self) -> Sequence[EnvironmentView]:
        names = self._registered()
        known = self._environments.known()
        whys = self._why_not(known)
        views = [self._view(one, names.get(one.digest, ()), whys[one.digest]) for one in known]
        views.append(self._own_python())
        return sorted(views, key=lambda view: (_ORDER.index(view.kind), _place(view), view.names))

    def _why_not(self, known: Sequence[Environment]) -> Mapping[Digest, str]:
        """Why each cannot be built here. Every Python is asked for it, so the answer is kept for a minute."""
        now = time.monotonic()
        if now - self._asked_at > _ASK_AGAIN_S or any(one.digest not in self._whys for one in known):
            self._whys = dict(zip((one.digest for one in known), self._environments.why_not(known)))
            self._asked_at = now
        return self._whys

    def build(self, environment: Digest) -> EnvironmentView:
        wish = self._wish(environment)
        with self._change:
            folder = self._environments.folder(wish)
            is_idle = wish.digest not in self._building and not folder.is_being_built()
            if is_idle and folder.manifest() is None:
                self._building.add(wish.digest)
                self._problems.pop(wish.digest, None)
                name = f"build-{wish.digest[7:15]}"
                threading.Thread(target=self._carry_out, args=(wish,), name=name, daemon=True).start()
        return self._view(wish, self._registered().get(wish.digest, ()), "")

    def log(self, environment: Digest) -> BuildLog:
        wish = self._wish(environment)
        try:
            with open(self._environments.folder(wish).log, encoding="utf-8", errors="replace") as file:
                lines = deque(enumerate(file, 1), maxlen=_MOST_LINES)
        except FileNotFoundError:
            lines = deque()
        text = "".join(line for _, line in lines)
        return BuildLog(self._state(wish), text, lines[-1][0] if lines else 0)

    def remove(self, environment: Digest) -> None:
        if environment == self._resolved.current().digest:
            what = "The environment 'current' is the Python that Skyloom itself runs in."
            raise ProblemError(Problem("W382", what, CURRENT, "Leave it."))
        wish = self._wish(environment)
        if not self._environments.remove(wish):
            what = "The environment is in use: it is being built, or this agent has run scripts in it."
            fix = "Stop the agent ('skyloom agent stop'), and remove it before a script uses it again."
            raise ProblemError(Problem("W381", what, wish.name, fix))

    # --- one environment --------------------------------------------------------------------------------

    def _carry_out(self, wish: Environment) -> None:
        try:
            self._resolved.interpreter(wish.digest)
        except ProblemError as error:
            self._problems[wish.digest] = str(error)
        except Exception as error:  # nobody waits for this thread: the page has to say it
            self._problems[wish.digest] = f"The build met a fault of Skyloom's own: {error!r:.300}"
        finally:
            with self._change:
                self._building.discard(wish.digest)

    def _wish(self, digest: Digest) -> Environment:
        return self._environments.resolve(digest)

    def _state(self, wish: Environment) -> EnvironmentState:
        folder = self._environments.folder(wish)
        if wish.digest in self._building or folder.is_being_built():
            return "building"
        if folder.manifest() is not None:
            return "built"
        return "failed" if folder.log.exists() or wish.digest in self._problems else "not built"

    def _view(self, wish: Environment, registered: Sequence[str], why_not: str) -> EnvironmentView:
        folder = self._environments.folder(wish)
        manifest = folder.manifest()
        is_built_in = wish.name in (STUDIO, *LEGACY)
        view = EnvironmentView(
            wish.digest,
            (wish.name,) if is_built_in or not registered else tuple(registered),
            "built-in" if is_built_in else "registered" if registered else "own",
            self._state(wish),
            wish.python,
            wish.asked,
            why_not="" if manifest else why_not,
            in_use=manifest is not None and folder.is_in_use(),
            problem=self._problems.get(wish.digest, ""),
        )
        if manifest is None:
            return view
        return replace(
            view,
            python=manifest.python,
            installed=manifest.pins,
            size_bytes=manifest.size_bytes,
            built_at=_told(manifest.built_at),
            last_used=_told(folder.last_used()),
            build_s=round(manifest.build_s, 1),
        )

    def _own_python(self) -> EnvironmentView:
        wish = self._environments.resolve(CURRENT)
        python = wish.python.removeprefix("==")
        return EnvironmentView(
            wish.digest, (CURRENT,), "built-in", "built", python, (), wish.packages, in_use=True
        )

    # --- what the SDK registered ------------------------------------------------------------------------

    def _registered(self) -> dict[Digest, list[str]]:
        """``name:version`` by the environment that it leads to; what cannot be resolved here is left out."""
        found: dict[Digest, list[str]] = {}
        kept = self._facts().get("environments")
        for name, versions in (kept if isinstance(kept, dict) else {}).items():
            for number, body in enumerate(versions if isinstance(versions, list) else (), 1):
                for digest in self._resolved_body(body):
                    found.setdefault(digest, []).append(f"{name}:{number}")
        return found

    def _resolved_body(self, body: Json) -> Iterator[Digest]:
        tree = body.get("dependencies") if isinstance(body, dict) else None
        pip, conda, python, channels = conda_tree(tree if isinstance(tree, dict) else {})
        lines, _ = requirements_of(pip, conda)
        wish = chosen_conda(conda, channels)
        # as sdk/compile.py writes a step's
        values: dict[str, object] = {} if python == USUAL_PYTHON else {PYTHON: python}
        image = _image_of(body)
        told = image.lines() if image is not None else ()
        if image is not None and image.is_only:
            lines, wish = (), None
        told += wish.lines() if wish is not None else ()
        if lines or told:
            values[REQUIREMENTS] = "\n".join((NEAREST, *told, *lines))
        try:
            yield self._resolved.resolve(*step_environment(None, None, values)).digest
        except ProblemError:
            return  # a Python or a package that this machine cannot have; the step says so when it runs


def _image_of(body: Json) -> ImageWish | None:
    if not isinstance(body, dict):
        return None
    is_only = bool(body.get("user_managed"))
    return chosen_image(str(body.get("image") or ""), str(body.get("dockerfile") or ""), is_only)


def _place(view: EnvironmentView) -> int:
    return BUILT_IN.index(view.names[0]) if view.names[0] in BUILT_IN else len(BUILT_IN)


def _told(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if seconds else ""
