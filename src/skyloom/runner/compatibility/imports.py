"""Where an import is helped: after a library, instead of a lost module, and inside the script bundle."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import CodeType, ModuleType
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence, Tuple, Union

from skyloom.runner.compatibility.guards import is_guarded
from skyloom.runner.compatibility.library import LostModule, restore_module
from skyloom.runner.compatibility.session import asking_frame, current


class AfterImport(MetaPathFinder):
    """Stands first in ``sys.meta_path`` and calls ``imported`` once a watched module has run.

    All others pass by.
    """

    def __init__(self, watched: Mapping[str, Any], imported: Callable[[str], None]) -> None:
        self._watched = watched
        self._imported = imported

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        if fullname not in self._watched:
            return None
        spec = _found_by_others(self, fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _ThenCall(spec.loader, self._imported)
        return spec


class _ThenCall(Loader):
    """The module's own loader, and one call after it has run; leaves no trace in the module."""

    def __init__(self, loader: Any, imported: Callable[[str], None]) -> None:
        self._loader = loader
        self._imported = imported

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        made: Optional[ModuleType] = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._imported(module.__name__)


class LostModules(MetaPathFinder):
    """Stands last in ``sys.meta_path``: asked for what is really missing, it answers only the user's code."""

    def __init__(self, modules: Mapping[str, LostModule]) -> None:
        self._modules = modules

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        lost = self._modules.get(fullname)
        frame = asking_frame()
        session = current()
        if frame is None or session is None or is_guarded(frame):
            return None
        if lost is None:
            return _sibling(fullname, frame.f_globals)
        if not lost.is_hopeless:
            session.tell_module(lost.shim, frame)
        return ModuleSpec(fullname, _LostLoader(lost), origin="compatibility")


class _LostLoader(Loader):
    def __init__(self, lost: LostModule) -> None:
        self._lost = lost

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return restore_module(spec.name, self._lost)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: names are found when they are asked for."""


class _AliasLoader(Loader):
    """Gives a module that is already loaded under a second name."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has just given it the alias's


def _sibling(fullname: str, asking: Mapping[str, Any]) -> Optional[ModuleSpec]:
    """Python 2 looked in the importing module's own package first; here it is looked in last."""
    package = asking.get("__package__") or ""
    if not package or "." in fullname:
        return None
    try:
        module = importlib.import_module("%s.%s" % (package, fullname))
    except ModuleNotFoundError as missing:
        if missing.name == "%s.%s" % (package, fullname):
            return None
        raise
    return ModuleSpec(fullname, _AliasLoader(module), is_package=hasattr(module, "__path__"))


def _found_by_others(
    me: MetaPathFinder, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType]
) -> Optional[ModuleSpec]:
    for finder in sys.meta_path:
        if finder is not me and not isinstance(finder, LostModules):
            find: Any = getattr(finder, "find_spec", None)
            spec: Optional[ModuleSpec] = find(fullname, path, target) if find else None
            if spec is not None:
                return spec
    return None


class BundleLoader(SourceFileLoader):
    """Compiles today's form of a bundle's file under the user's own file name.

    Reads and keeps no byte code.
    """

    def source_to_code(  # type: ignore[override]
        self, data: Union[bytes, str], path: str, *, _optimize: int = -1
    ) -> CodeType:
        source: Union[bytes, str] = data
        session = current()
        if session is not None and session.modernise is not None:
            source = session.modernise(data if isinstance(data, bytes) else data.encode("utf-8"), path)
        return compile(source, path, "exec", dont_inherit=True, optimize=_optimize)

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        """Write nothing: the bundle's folder is the user's."""

    def path_stats(self, path: str) -> Mapping[str, Any]:
        # an unknown mtime makes the import system leave any byte code aside: it may be of the text as it was
        raise OSError("byte code of a bundle is not used")


_LOADERS: Tuple[Any, ...] = (
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (BundleLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)


def bundle_hook(folders: Tuple[str, ...]) -> Callable[[str], FileFinder]:
    """Give a path hook for these folders (each ends with a separator) and those below.

    ``BundleLoader`` reads their files.
    """

    def finder_for(path: str) -> FileFinder:
        place = os.path.normpath(os.path.join(os.getcwd(), path or ".")) + os.sep
        if not place.startswith(folders) or not os.path.isdir(place):
            raise ImportError("not a folder of the script bundle", path=path)
        return FileFinder(path or ".", *_LOADERS)

    return finder_for


def forget_finders(folders: Tuple[str, ...], paths: Iterable[str]) -> None:
    """Have the path hooks asked anew for those of ``paths`` that are relative or in these folders."""
    for path in list(paths):
        if path[:1] != os.sep or (path + os.sep).startswith(folders):
            sys.path_importer_cache.pop(path, None)
