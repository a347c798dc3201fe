"""What one library lost (members, names, modules, spellings of calls) and how a script gets it back."""

from __future__ import annotations

import functools
import importlib
import sys
import warnings
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, TypeVar

from skyloom.runner.compatibility.guards import is_guarded
from skyloom.runner.compatibility.session import Session, asking_frame, current, nearest_frame, tell_at
from skyloom.runner.compatibility.shim import Shim, gone_module, gone_name

Build = Callable[[Any], Any]  # a member from its object
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass
class Call:
    """A call as the repairs change it.

    ``instead`` is called in its place; ``after`` is applied to its result, in order.
    """

    function: Callable[..., Any]
    error: Optional[Exception]
    args: List[Any]
    kwargs: Dict[str, Any]
    after: List[Callable[[Any], Any]] = field(default_factory=list)
    instead: Optional[Callable[[], Any]] = None

    def run(self) -> Any:
        result = self.instead() if self.instead is not None else self.function(*self.args, **self.kwargs)
        for change in self.after:
            result = change(result)
        return result


@dataclass(frozen=True)
class Member:
    """A lost attribute of a class; ``build`` makes it from the object (or from the class itself)."""

    owner: str
    name: str
    shim: Shim
    build: Build


@dataclass(frozen=True)
class Repair:
    """A lost spelling of a call that exists: ``change`` rewrites the failed call and says whether it did."""

    owner: str
    name: str
    shim: Shim
    change: Callable[[Call], bool]
    is_first: bool = False  # asked before every call: the old spelling does not fail until later


@dataclass(frozen=True)
class LostModule:
    """A module that is gone; its names are looked up in other modules, or made."""

    shim: Shim
    names: Mapping[str, str]  # name -> "module:name"; "*" -> a module that has the rest
    builds: Mapping[str, Callable[[], Any]]
    is_hopeless: bool = False


class MissingMember:
    """A class attribute that is there for the user's code only.

    A column or a real attribute of that name wins.
    """

    def __init__(self, member: Member) -> None:
        self.member = member

    def __get__(self, instance: Any, owner: Any) -> Any:
        frame = asking_frame()
        has_own = instance is not None and _has_column(instance, self.member.name)
        if frame is None or has_own or is_guarded(frame):
            # falls through to the class's own __getattr__, as if nothing were here
            raise AttributeError("%r object has no attribute %r" % (owner.__name__, self.member.name))
        tell_at(self.member.shim, frame)
        return self.member.build(owner if instance is None else instance)


class Library:
    """Collects the shims of one library (``name`` is its top-level module)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: List[Member] = []
        self.repairs: List[Repair] = []
        self.names: Dict[str, Dict[str, Tuple[Shim, Callable[[], Any]]]] = {}
        self.modules: Dict[str, LostModule] = {}
        self.spelled: List[Shim] = []
        self._plans: Dict[str, List[Tuple[Any, str, Any]]] = {}

    def shims(self) -> Iterator[Shim]:
        """Every shim of this library, each once."""
        seen = set()
        tables: List[Shim] = [member.shim for member in self.members]
        tables += [repair.shim for repair in self.repairs]
        tables += [shim for table in self.names.values() for shim, _ in table.values()]
        tables += [lost.shim for lost in self.modules.values()] + self.spelled
        for shim in tables:
            if shim.old not in seen:
                seen.add(shim.old)
                yield shim

    def spell(self, old: str, gone: str, modern: str, does: str, is_name: bool = False) -> Shim:
        """Register a shim that is carried out elsewhere: in the text, or by a function that tells it."""
        shim = Shim(old, gone, modern, does, is_name)
        self.spelled.append(shim)
        return shim

    def method(self, *owners: str, gone: str, modern: str, name: str = "") -> Callable[[Function], Function]:
        """Restore a method of one or more classes ("pandas:DataFrame").

        The function's first line says what it does.
        """

        def add(function: Function) -> Function:
            self._add(
                owners, name or function.__name__, gone, modern, _first_line(function), _bound(function)
            )
            return function

        return add

    def value(self, *owners: str, gone: str, modern: str, name: str = "") -> Callable[[Function], Function]:
        """Restore an attribute that is not called."""

        def add(function: Function) -> Function:
            self._add(owners, name or function.__name__, gone, modern, _first_line(function), function)
            return function

        return add

    def renamed(self, owners: Tuple[str, ...], pairs: Mapping[str, str], gone: str) -> None:
        """Restore members that live on under another name."""
        for old, new in pairs.items():
            for owner in owners:
                modern = "%s.%s" % (owner.split(":")[1], new)
                self._add((owner,), old, gone, modern, "gives %s" % modern, _attribute(new))

    def alias(self, module: str, pairs: Mapping[str, str], gone: str, short: str = "") -> None:
        """Restore names of a module that live on elsewhere: ``{"TimeGrouper": "pandas:Grouper"}``."""
        for old, target in pairs.items():
            modern = _spoken(target)
            shim = Shim("%s.%s" % (short or module, old), gone, modern, "gives %s" % modern)
            self.names.setdefault(module, {})[old] = (shim, functools.partial(find, target))

    def named(
        self, module: str, name: str, gone: str, modern: str, short: str = ""
    ) -> Callable[[Function], Function]:
        """Restore a name of a module by the function that is decorated."""

        def add(function: Function) -> Function:
            shim = Shim("%s.%s" % (short or module, name), gone, modern, _first_line(function))
            self.names.setdefault(module, {})[name] = (shim, lambda: function)
            return function

        return add

    def constants(
        self, module: str, values: Mapping[str, Tuple[Any, str]], gone: str, short: str = ""
    ) -> None:
        """Restore names of a module that stand for a plain value: ``{"float": (float, "float")}``."""
        for name, (value, modern) in values.items():
            shim = Shim("%s.%s" % (short or module, name), gone, modern, "gives %s" % modern)
            self.names.setdefault(module, {})[name] = (shim, functools.partial(_same, value))

    def hopeless(self, module: str, names: Mapping[str, str], gone: str, short: str = "") -> None:
        """Names that nothing can stand in for: the use fails with a message that says what to write."""
        for name, modern in names.items():
            does = "stops with a message: no stand-in"
            shim = Shim("%s.%s" % (short or module, name), gone, modern, does)
            self.names.setdefault(module, {})[name] = (shim, functools.partial(_refuse, shim))

    def module(
        self,
        name: str,
        gone: str,
        modern: str,
        names: Optional[Mapping[str, str]] = None,
        builds: Optional[Mapping[str, Callable[[], Any]]] = None,
    ) -> Shim:
        """Restore a module; ``names`` maps to "module:name" and "*" to a module that has the rest."""
        shim = Shim(name, gone, modern, "the import works; its names come from %s" % modern)
        self.modules[name] = LostModule(shim, names or {}, builds or {})
        return shim

    def hopeless_module(self, name: str, gone: str, modern: str) -> None:
        """Name a module that cannot be restored: its import fails with a message that says what to write."""
        shim = Shim(name, gone, modern, "the import stops with a message: no stand-in")
        self.modules[name] = LostModule(shim, {}, {}, is_hopeless=True)

    def repair(
        self, *owners: str, old: str, gone: str, modern: str, is_first: bool = False
    ) -> Callable[[Function], Function]:
        """Restore a spelling of calls to functions that still exist ("pandas:DataFrame.drop")."""

        def add(function: Function) -> Function:
            shim = Shim(old, gone, modern, _first_line(function), is_name=False)
            for owner in owners:
                holder, _, name = owner.rpartition(":" if "." not in owner.partition(":")[2] else ".")
                self.repairs.append(Repair(holder, name, shim, function, is_first))
            return function

        return add

    def install(self, session: Session, module: str) -> None:
        """Put in place what belongs to ``module``, which has just been or had been imported."""
        for owner, name, value in self.prepare(module):
            session.replace(owner, name, value)

    def prepare(self, module: str) -> List[Tuple[Any, str, Any]]:
        """Work out what ``install`` would set; a parent process may do it once for all its forks."""
        plan = self._plans.get(module)
        if plan is None:
            plan = self._plans[module] = list(self._plan(module))
        return plan

    def watched(self) -> List[str]:
        """The modules whose import has something to be put in place."""
        owners = [member.owner for member in self.members] + [repair.owner for repair in self.repairs]
        return sorted({owner.partition(":")[0] for owner in owners} | set(self.names))

    def _add(
        self, owners: Tuple[str, ...], name: str, gone: str, modern: str, does: str, build: Build
    ) -> None:
        for owner in owners:
            shim = Shim("%s.%s" % (owner.split(":")[1], name), gone, modern, does)
            self.members.append(Member(owner, name, shim, build))

    def _plan(self, module: str) -> Iterator[Tuple[Any, str, Any]]:
        by_owner: Dict[str, List[Member]] = {}
        for member in self.members:
            if member.owner.partition(":")[0] == module:
                by_owner.setdefault(member.owner, []).append(member)
        for place, members in by_owner.items():
            owner = find(place, None)
            lost = [] if owner is None else [member for member in members if not hasattr(owner, member.name)]
            if lost and not hasattr(owner, "__getattr__"):
                yield owner, "__getattr__", _class_getattr(lost)
            else:
                for member in lost:
                    yield owner, member.name, MissingMember(member)
        by_place: Dict[Tuple[str, str], List[Repair]] = {}
        for repair in self.repairs:
            if repair.owner.partition(":")[0] == module:
                by_place.setdefault((repair.owner, repair.name), []).append(repair)
        for (place, name), repairs in by_place.items():
            owner = find(place, None)
            if owner is not None and callable(getattr(owner, name, None)):
                yield owner, name, _repairing(owner, name, repairs)
        loaded = sys.modules.get(module)
        missing = {name: row for name, row in self.names.get(module, {}).items() if not _has(loaded, name)}
        if missing and loaded is not None:
            yield loaded, "__getattr__", _module_getattr(loaded, missing)


_NOT_GIVEN = object()


def find(target: str, default: Any = _NOT_GIVEN) -> Any:
    """Give what "module:name.name" stands for, importing the module."""
    module, _, path = target.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for name in path.split(".") if path else ():
            found = getattr(found, name)
    except (ImportError, AttributeError):
        if default is _NOT_GIVEN:
            raise
        return default
    return found


class RestoredModule(ModuleType):
    """Stands for a module that is gone; finds each name when it is asked for."""

    def __init__(self, name: str, lost: LostModule) -> None:
        super().__init__(name, lost.shim.notice())
        self.__dict__["__skyloom__"] = lost
        self.__path__: List[str] = []  # so that its lost submodules can be imported too

    def __getattr__(self, name: str) -> Any:
        lost: LostModule = self.__dict__["__skyloom__"]
        if name.startswith("__"):
            raise AttributeError("module %r has no attribute %r" % (self.__name__, name))
        session, frame = current(), asking_frame()
        if session is not None and frame is not None:
            session.tell_module(lost.shim, frame)
        if name in lost.builds:
            return lost.builds[name]()
        if name in lost.names:
            return find(lost.names[name])
        if "*" in lost.names:
            return getattr(find(lost.names["*"]), name)
        raise AttributeError("module %r has no attribute %r" % (self.__name__, name))

    def __dir__(self) -> List[str]:
        lost: LostModule = self.__dict__["__skyloom__"]
        rest = dir(find(lost.names["*"])) if "*" in lost.names else []
        return sorted(set(lost.names) - {"*"} | set(lost.builds) | set(rest))

    @property
    def __all__(self) -> List[str]:
        return [name for name in dir(self) if not name.startswith("_")]


def restore_module(name: str, lost: LostModule) -> ModuleType:
    """Make the stand-in for a lost module; S043 when there is none."""
    if lost.is_hopeless:
        raise gone_module(lost.shim)
    return RestoredModule(name, lost)


def _class_getattr(members: List[Member]) -> Callable[[Any, str], Any]:
    """Give a ``__getattr__`` for a class that has none; nothing of it shows in ``dir`` or to the library."""
    table = {member.name: member for member in members}

    def __getattr__(self: Any, name: str) -> Any:
        member = table.get(name)
        frame = asking_frame() if member is not None else None
        if member is None or frame is None or is_guarded(frame):
            return object.__getattribute__(self, name)  # fails, with the message it always had
        tell_at(member.shim, frame)
        return member.build(self)

    return __getattr__


def _repairing(owner: Any, name: str, repairs: List[Repair]) -> Any:
    static = vars(owner).get(name) if isinstance(owner, type) else None
    if isinstance(static, (classmethod, staticmethod)):
        return type(static)(_repaired(static.__func__, repairs))
    return _repaired(getattr(owner, name), repairs)


def _repaired(original: Callable[..., Any], repairs: List[Repair]) -> Callable[..., Any]:
    first = [repair for repair in repairs if repair.is_first]

    @functools.wraps(original)
    def call_again_if_old(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except Exception as error:
            frame = nearest_frame()
            call = Call(original, error, list(args), dict(kwargs))
            used: List[Repair] = []
            if frame is None or not _changed(call, repairs, used):
                raise
        return _called_as_today(call, repairs, used, frame)

    @functools.wraps(original)
    def call_as_today(*args: Any, **kwargs: Any) -> Any:
        call = Call(original, None, list(args), dict(kwargs))
        used: List[Repair] = []
        frame = nearest_frame() if _changed(call, first, used) else None
        if frame is None:
            return call_again_if_old(*args, **kwargs)
        return _called_as_today(call, repairs, used, frame)

    return call_as_today if first else call_again_if_old


def _called_as_today(call: Call, repairs: List[Repair], used: List[Repair], frame: FrameType) -> Any:
    """Call until nothing is left to repair: a call may be old in several ways and fails for one at a time."""
    first = [repair for repair in repairs if repair.is_first]
    while True:
        _changed(call, first, used)
        try:
            result = call.run()
        except Exception as error:
            call.error = error
            if not _changed(call, repairs, used):
                raise
        else:
            break
    for repair in used:
        tell_at(repair.shim, frame)
    return result


def _changed(call: Call, repairs: List[Repair], used: List[Repair]) -> bool:
    fit = [repair for repair in repairs if repair not in used and repair.change(call)]
    used += fit
    return bool(fit)


def _has(module: Any, name: str) -> bool:
    if module is None or name in vars(module):
        return module is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = getattr(module, name)
        except (AttributeError, ImportError):  # the latter is what scikit-learn says of load_boston
            return False
    return getattr(found, "__name__", "") != "_expired"  # NumPy 1.20 to 1.26 kept functions that only fail


def _module_getattr(
    module: ModuleType, table: Mapping[str, Tuple[Shim, Callable[[], Any]]]
) -> Callable[[str], Any]:
    before = vars(module).get("__getattr__")

    def __getattr__(name: str) -> Any:
        if name in table:
            frame = asking_frame()
            if frame is not None and not is_guarded(frame):
                shim, build = table[name]
                value = build()
                tell_at(shim, frame)
                return value
        if before is not None:
            return before(name)
        raise AttributeError("module %r has no attribute %r" % (module.__name__, name))

    return __getattr__


def _has_column(instance: Any, name: str) -> bool:
    """Say whether a frame's column or a row's label is called like the lost attribute."""
    axis = getattr(instance, "_info_axis", None)
    try:
        return axis is not None and bool(axis._can_hold_identifiers_and_holds_name(name))
    except AttributeError:
        return False


def _bound(function: Callable[..., Any]) -> Build:
    return lambda instance: functools.partial(function, instance)


def _attribute(name: str) -> Build:
    return lambda instance: getattr(instance, name)


def _same(value: Any) -> Any:
    return value


def _refuse(shim: Shim) -> Any:
    raise gone_name(shim)


def _spoken(target: str) -> str:
    module, _, name = target.partition(":")
    return name if module == "builtins" else target.replace(":", ".").rstrip(".")


def _first_line(function: Callable[..., Any]) -> str:
    line = (function.__doc__ or "").strip().split("\n")[0].rstrip(".")
    return line[:1].lower() + line[1:]
