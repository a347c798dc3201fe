"""Plots need no screen: Agg is the one backend, whatever a script asks for.

Old scripts say ``matplotlib.use('agg')`` as the seed article tells them; some ask for a window system
(``use('TkAgg')``). Figures are not collected by themselves: a script saves PNG files and the agent picks
them up. Source: seed "Working with visualizations"; studio.md 1.7.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from types import ModuleType
from typing import Any, Callable, Optional, Sequence

_BACKEND = "agg"


def force_agg(notice: Callable[[str], None]) -> None:
    """Make every matplotlib of this process draw with Agg, the one already imported or the one to come."""
    os.environ["MPLBACKEND"] = "Agg"
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        _tame(matplotlib, notice)
    else:
        sys.meta_path.insert(0, _Watch(notice))


def _tame(matplotlib: Any, notice: Callable[[str], None]) -> None:
    real_use = matplotlib.use
    if getattr(real_use, "is_tame", False):
        real_use = real_use.real
    real_use(_BACKEND)

    def use(backend: str, *args: Any, **options: Any) -> None:
        if str(backend).lower() != _BACKEND:
            notice(f"The plotting backend {backend!r} needs a screen or a notebook; Agg is used instead.")
        real_use(_BACKEND)

    use.is_tame = True  # type: ignore[attr-defined]
    use.real = real_use  # type: ignore[attr-defined]
    use.__doc__ = real_use.__doc__
    matplotlib.use = use


class _Watch:
    """A finder that waits for matplotlib's first import, tames it and steps aside."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice

    def find_spec(self, name: str, path: Optional[Sequence[str]] = None, target: Any = None) -> Any:
        if name != "matplotlib":
            return None
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _TamingLoader(spec.loader, self._notice)  # type: ignore[assignment]
        return spec


class _TamingLoader:
    def __init__(self, loader: Any, notice: Callable[[str], None]) -> None:
        self._loader = loader
        self._notice = notice

    def create_module(self, spec: Any) -> Optional[ModuleType]:
        module: Optional[ModuleType] = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _tame(module, self._notice)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
