"""What matplotlib dropped: hold, axisbg, normed, plot_date, most of mlab, names of styles, old keywords."""

from __future__ import annotations

import re
import sys
from typing import Any, Dict, Tuple

from skyloom.runner.compatibility.library import Call, Library
from skyloom.runner.compatibility.session import asking_frame

MATPLOTLIB = Library("matplotlib")
_repair = MATPLOTLIB.repair
_AXES, _PYPLOT = "matplotlib.axes:Axes", "matplotlib.pyplot"
_HEADLESS = frozenset(("agg", "cairo", "pdf", "pgf", "ps", "svg", "template"))


def _is_gone(*version: int) -> bool:
    found = re.findall(r"\d+", str(sys.modules["matplotlib"].__version__))
    return tuple(int(part) for part in found[:2]) >= version


def _both(*names: str) -> Tuple[str, ...]:
    return tuple("%s.%s" % (_AXES, name) for name in names) + tuple(
        "%s:%s" % (_PYPLOT, name) for name in names
    )


@_repair(
    "matplotlib:use",
    _PYPLOT + ":switch_backend",
    old="matplotlib.use('TkAgg')",
    gone="this sandbox, which has no display",
    modern="nothing: figures are drawn by Agg",
    is_first=True,
)
def _backend(call: Call) -> bool:
    """Stays with Agg, whichever backend is asked for."""
    wanted = call.args[0] if call.args else call.kwargs.get("backend", call.kwargs.get("newbackend", "agg"))
    if str(wanted).lower() in _HEADLESS or asking_frame() is None:
        return False
    call.instead = lambda: None
    return True


@_repair(
    "matplotlib.axes._base:_AxesBase.__init__",
    old="axisbg='w'",
    gone="matplotlib 2.2",
    modern="facecolor='w'",
    is_first=True,
)
def _axisbg(call: Call) -> bool:
    """Passes it on as facecolor."""
    if "axisbg" not in call.kwargs:
        return False
    call.kwargs["facecolor"] = call.kwargs.pop("axisbg")
    return True


@_repair(
    *_both("hist", "hist2d"),
    old="hist(normed=True)",
    gone="matplotlib 3.1",
    modern="hist(density=True)",
    is_first=True,
)
def _normed(call: Call) -> bool:
    """Passes it on as density."""
    if "normed" not in call.kwargs or not _is_gone(3, 1):
        return False
    call.kwargs["density"] = bool(call.kwargs.pop("normed"))
    return True


@_repair(
    *_both("plot", "scatter", "bar", "fill_between", "step"),
    old="plot(..., axes=ax)",
    gone="matplotlib 1.5",
    modern="ax.plot(...)",
    is_first=True,
)
def _axes(call: Call) -> bool:
    """Draws on those axes."""
    axes = call.kwargs.pop("axes", None)
    if axes is None:
        return False
    if call.args and hasattr(call.args[0], "transAxes"):
        call.args[0] = axes
        return True
    sys.modules[_PYPLOT].sca(axes)
    return True


@_repair(
    *_both("plot", "scatter", "bar", "hist", "contour", "contourf", "imshow"),
    old="plot(..., hold=True)",
    gone="matplotlib 3.0",
    modern="nothing: axes keep what is drawn",
    is_first=True,
)
def _hold_keyword(call: Call) -> bool:
    """Leaves it aside."""
    return call.kwargs.pop("hold", None) is not None


@_repair(*_both("bar"), old="bar(left=...)", gone="matplotlib 3.0", modern="bar(x=...)", is_first=True)
def _left(call: Call) -> bool:
    """Passes it on as x."""
    if "left" not in call.kwargs:
        return False
    call.kwargs["x"] = call.kwargs.pop("left")
    return True


@_repair(*_both("barh"), old="barh(bottom=...)", gone="matplotlib 3.0", modern="barh(y=...)", is_first=True)
def _bottom(call: Call) -> bool:
    """Passes it on as y."""
    if "bottom" not in call.kwargs:
        return False
    call.kwargs["y"] = call.kwargs.pop("bottom")
    return True


@_repair(
    *_both("grid"), old="grid(b=True)", gone="matplotlib 3.7", modern="grid(visible=True)", is_first=True
)
def _grid(call: Call) -> bool:
    """Passes it on as visible."""
    if "b" not in call.kwargs or not _is_gone(3, 5):
        return False
    call.kwargs["visible"] = call.kwargs.pop("b")
    return True


@_repair(
    *_both("grid", "tick_params"),
    old="grid('off'), tick_params(labelbottom='off')",
    gone="matplotlib 3.0",
    modern="False",
    is_first=True,
)
def _on_and_off(call: Call) -> bool:
    """Takes 'on' for True and 'off' for False."""
    words: Dict[Any, bool] = {"on": True, "off": False}
    args = [words.get(value, value) if isinstance(value, str) else value for value in call.args]
    kwargs = {
        name: words.get(value, value) if isinstance(value, str) else value
        for name, value in call.kwargs.items()
    }
    if all(new is old for new, old in zip(args, call.args)) and kwargs == call.kwargs:
        return False
    call.args, call.kwargs = args, kwargs
    return True


@_repair(
    *_both("boxplot"), old="boxplot(labels=...)", gone="matplotlib 3.11", modern="boxplot(tick_labels=...)"
)
def _labels(call: Call) -> bool:
    """Passes it on as tick_labels."""
    if "labels" not in call.kwargs:
        return False
    call.kwargs["tick_labels"] = call.kwargs.pop("labels")
    return True


@_repair(*_both("stem"), old="stem(use_line_collection=True)", gone="matplotlib 3.8", modern="stem(...)")
def _line_collection(call: Call) -> bool:
    """Leaves it aside."""
    return call.kwargs.pop("use_line_collection", None) is not None


@_repair(
    "matplotlib.figure:Figure.savefig",
    old="savefig(frameon=...)",
    gone="matplotlib 3.5",
    modern="savefig(facecolor=...)",
    is_first=True,
)
def _frameon(call: Call) -> bool:
    """Leaves it aside."""
    return _is_gone(3, 5) and call.kwargs.pop("frameon", None) is not None


@_repair(
    "matplotlib.figure:Figure.gca",
    _PYPLOT + ":gca",
    old="gca(projection='3d')",
    gone="matplotlib 3.6",
    modern="fig.add_subplot(projection='3d')",
    is_first=True,
)
def _gca_projection(call: Call) -> bool:
    """Adds such axes to the figure."""
    if not call.kwargs or not _is_gone(3, 6):
        return False
    figure = call.args[0] if call.args else sys.modules[_PYPLOT].gcf()
    options = dict(call.kwargs)
    call.instead = lambda: figure.add_subplot(**options)
    return True


@_repair(
    "mpl_toolkits.mplot3d:Axes3D.__init__",
    old="Axes3D(fig)",
    gone="matplotlib 3.7",
    modern="fig.add_subplot(projection='3d')",
    is_first=True,
)
def _axes3d(call: Call) -> bool:
    """Adds the axes to the figure."""
    if not _is_gone(3, 7) or asking_frame() is None:
        return False
    axes, figure = call.args[0], call.args[1]
    call.after.append(lambda _: figure.add_axes(axes) and None)
    return True


@_repair(
    _PYPLOT + ":tight_layout",
    "matplotlib.figure:Figure.tight_layout",
    old="tight_layout(0.5)",
    gone="matplotlib 3.8",
    modern="tight_layout(pad=0.5)",
)
def _pad(call: Call) -> bool:
    """Passes it on as pad."""
    if not isinstance(call.error, TypeError) or "positional" not in str(call.error):
        return False
    call.kwargs.update(
        zip(("pad", "h_pad", "w_pad", "rect"), (a for a in call.args if not hasattr(a, "savefig")))
    )
    call.args = [a for a in call.args if hasattr(a, "savefig")]
    return True


_SCALES = {
    "base": "base",
    "nonpos": "nonpositive",
    "subs": "subs",
    "linthresh": "linthresh",
    "linscale": "linscale",
}


@_repair(
    *_both("loglog", "semilogx", "semilogy"),
    _AXES + ".set_xscale",
    _AXES + ".set_yscale",
    _PYPLOT + ":xscale",
    _PYPLOT + ":yscale",
    old="yscale('log', basey=2, nonposy='clip')",
    gone="matplotlib 3.5",
    modern="yscale('log', base=2, nonpositive='clip')",
    is_first=True,
)
def _scale_words(call: Call) -> bool:
    """Passes them by their names of today."""
    if not _is_gone(3, 5):
        return False
    changed = False
    for old, new in _SCALES.items():
        for axis in "xy":
            if old + axis in call.kwargs:
                call.kwargs[new] = call.kwargs.pop(old + axis)
                changed = True
    return changed


@_repair(
    "matplotlib.style:use",
    old="plt.style.use('seaborn-whitegrid')",
    gone="matplotlib 3.8",
    modern="plt.style.use('seaborn-v0_8-whitegrid')",
)
def _style(call: Call) -> bool:
    """Takes the style under its name of today."""

    def modern(name: Any) -> Any:
        is_old = isinstance(name, str) and re.match(r"seaborn(?!-v0)", name)
        return name.replace("seaborn", "seaborn-v0_8", 1) if is_old else name

    names = call.args[0] if call.args else None
    new = [modern(name) for name in names] if isinstance(names, (list, tuple)) else modern(names)
    if new == names or not call.args:
        return False
    call.args[0] = new
    return True


@_repair(
    "matplotlib:RcParams.__setitem__",
    old="rcParams['axes.color_cycle']",
    gone="matplotlib 2.2",
    modern="rcParams['axes.prop_cycle'] = cycler(color=...)",
)
def _color_cycle(call: Call) -> bool:
    """Sets the cycle of colours."""
    if call.args[1:2] != ["axes.color_cycle"]:
        return False
    from cycler import cycler  # comes with matplotlib

    colors = call.args[2]
    colors = [color.strip() for color in colors.split(",")] if isinstance(colors, str) else list(colors)
    call.args = [call.args[0], "axes.prop_cycle", cycler(color=colors)]
    return True


def _plt() -> Any:
    return sys.modules[_PYPLOT]


@MATPLOTLIB.method(_AXES, gone="matplotlib 3.11", modern="ax.plot(x, y)")
def plot_date(
    axes: Any,
    x: Any,
    y: Any,
    fmt: str = "o",
    tz: Any = None,
    xdate: bool = True,
    ydate: bool = False,
    **more: Any,
) -> Any:
    """Plots with an axis of dates."""
    if xdate:
        axes.xaxis_date(tz)
    if ydate:
        axes.yaxis_date(tz)
    lines = axes.plot(x, y, fmt, **more)
    axes.autoscale_view()
    return lines


@MATPLOTLIB.named(_PYPLOT, "plot_date", "matplotlib 3.11", "plt.plot(x, y)", "plt")
def _plot_date(*args: Any, **kwargs: Any) -> Any:
    """Plots with an axis of dates."""
    return plot_date(_plt().gca(), *args, **kwargs)


@MATPLOTLIB.method(_AXES, gone="matplotlib 3.0", modern="nothing: axes keep what is drawn")
def hold(axes: Any, b: Any = None) -> None:
    """Does nothing."""


@MATPLOTLIB.named(_PYPLOT, "hold", "matplotlib 3.0", "nothing: axes keep what is drawn", "plt")
def _hold(b: Any = None) -> None:
    """Does nothing."""


@MATPLOTLIB.named(_PYPLOT, "ishold", "matplotlib 3.0", "True", "plt")
def _ishold() -> bool:
    """Gives True."""
    return True


MATPLOTLIB.renamed(
    (_AXES,), {"set_axis_bgcolor": "set_facecolor", "get_axis_bgcolor": "get_facecolor"}, "matplotlib 2.2"
)


@MATPLOTLIB.method(_AXES, gone="matplotlib 2.2", modern="ax.set_prop_cycle(color=...)")
def set_color_cycle(axes: Any, colors: Any) -> None:
    """Sets the cycle of colours."""
    axes.set_prop_cycle(color=list(colors))


@MATPLOTLIB.method(_AXES, gone="matplotlib 2.2", modern="ax")
def get_axes(axes: Any) -> Any:
    """Gives the axes themselves."""
    return axes


@MATPLOTLIB.method(
    "matplotlib.backend_bases:FigureCanvasBase", gone="matplotlib 3.6", modern="nothing: there is no window"
)
def set_window_title(canvas: Any, title: str) -> None:
    """Does nothing."""


@MATPLOTLIB.method("matplotlib.legend:Legend", gone="matplotlib 3.2", modern="nothing: there is no mouse")
def draggable(legend: Any, state: Any = None, use_blit: bool = False, update: str = "loc") -> None:
    """Does nothing."""


@MATPLOTLIB.named(
    "matplotlib.mlab", "normpdf", "matplotlib 3.1", "scipy.stats.norm.pdf(x, mu, sigma)", "mlab"
)
def _normpdf(x: Any, mu: Any = 0.0, sigma: Any = 1.0) -> Any:
    """Computes the density of the normal distribution."""
    numpy: Any = sys.modules["numpy"]
    scaled = (numpy.asarray(x) - mu) / sigma
    return numpy.exp(-0.5 * scaled**2) / (sigma * numpy.sqrt(2.0 * numpy.pi))


@MATPLOTLIB.named("matplotlib.mlab", "find", "matplotlib 3.1", "np.nonzero(np.ravel(condition))[0]", "mlab")
def _find(condition: Any) -> Any:
    """Gives the positions where the condition holds."""
    numpy: Any = sys.modules["numpy"]
    return numpy.nonzero(numpy.ravel(condition))[0]


@MATPLOTLIB.named(
    "matplotlib.mlab", "movavg", "matplotlib 3.1", "np.convolve(x, np.ones(n) / n, mode='valid')", "mlab"
)
def _movavg(x: Any, n: int) -> Any:
    """Computes the moving average."""
    numpy: Any = sys.modules["numpy"]
    return numpy.convolve(x, numpy.ones(n) / n, mode="valid")


@MATPLOTLIB.named("matplotlib.mlab", "frange", "matplotlib 3.1", "np.linspace", "mlab")
def _frange(xini: float, xfin: Any = None, delta: float = 1.0) -> Any:
    """Gives numbers from start to end, both included."""
    numpy: Any = sys.modules["numpy"]
    start, end = (0.0, xini) if xfin is None else (xini, xfin)
    return start + numpy.arange(round((end - start) / delta) + 1) * delta


@MATPLOTLIB.named("matplotlib.mlab", "prctile", "matplotlib 3.1", "np.percentile(x, p)", "mlab")
def _prctile(x: Any, p: Any = (0.0, 25.0, 50.0, 75.0, 100.0)) -> Any:
    """Gives the percentiles."""
    return sys.modules["numpy"].percentile(x, p)


@MATPLOTLIB.named(
    "matplotlib.mlab", "bivariate_normal", "matplotlib 3.1", "scipy.stats.multivariate_normal.pdf", "mlab"
)
def _bivariate_normal(
    X: Any,
    Y: Any,
    sigmax: float = 1.0,
    sigmay: float = 1.0,
    mux: float = 0.0,
    muy: float = 0.0,
    sigmaxy: float = 0.0,
) -> Any:
    """Computes the density of the normal distribution in the plane."""
    numpy: Any = sys.modules["numpy"]
    x, y = (X - mux) / sigmax, (Y - muy) / sigmay
    rho = sigmaxy / (sigmax * sigmay)
    free = 1.0 - rho**2
    power = (x**2 + y**2 - 2.0 * rho * x * y) / (2.0 * free)
    return numpy.exp(-power) / (2.0 * numpy.pi * sigmax * sigmay * numpy.sqrt(free))


MATPLOTLIB.hopeless(
    "matplotlib.mlab",
    {
        "PCA": "sklearn.decomposition.PCA",
        "griddata": "scipy.interpolate.griddata",
        "csv2rec": "pd.read_csv",
        "rec2csv": "df.to_csv",
    },
    "matplotlib 3.1",
    "mlab",
)
MATPLOTLIB.alias(
    "matplotlib.cm",
    {"get_cmap": "matplotlib.pyplot:get_cmap", "spectral": "matplotlib.pyplot:cm.nipy_spectral"},
    "matplotlib 3.9",
)
MATPLOTLIB.hopeless_module("matplotlib.finance", "matplotlib 2.2", "the package mplfinance")
MATPLOTLIB.module(
    "mpl_toolkits.axes_grid", "matplotlib 3.8", "mpl_toolkits.axes_grid1", {"*": "mpl_toolkits.axes_grid1"}
)
