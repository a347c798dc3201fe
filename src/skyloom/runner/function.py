"""Built-in and installed modules: a function over Tables, called inside the box like any script.

The function's contract: ``run(inputs, values) -> {port: content}``. ``inputs`` has every input port: a Table,
an unpickled object, the path of a file, or None when nothing is connected. The content of a Dataset port is a
Table or a DataFrame; of a File port bytes or a path; of any other port an object, which is pickled. None
leaves an optional port out.
"""

from __future__ import annotations

import importlib
import sys
from types import MappingProxyType
from typing import Any, Callable, Mapping, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.fence import safe_text
from skyloom.runner.inputs import Inputs
from skyloom.runner.message import Job
from skyloom.runner.result import NOTHING

BUILT_IN = "skyloom.modules."
ENTRY_POINTS = "skyloom.modules"


def call_function(job: Job, inputs: Inputs) -> Tuple[Any, ...]:
    """Call the module's function; one content per output port, in port order.

    Raises
    ------
    ProblemError
        S036 the target may not be called or is not there, S012 it returned other ports than declared.
    Exception
        Whatever the module raises.
    """
    run = find_function(job.entry.get("target") or "")
    values = MappingProxyType({item.port: inputs.value(item) for item in job.inputs})
    made = run(values, job.values)
    return _in_port_order(made, job)


def find_function(target: str) -> Callable[..., Any]:
    """Resolve ``package.file:function`` below the built-in modules or an installed module package."""
    module_name, _, function = target.partition(":")
    if not function or not (module_name.startswith(BUILT_IN) or _is_installed_module(module_name)):
        what = f"{target!r} is neither a built-in module nor one of an installed module package."
        fix = f"Install the package that offers it under the entry point group {ENTRY_POINTS!r}."
        raise ProblemError(Problem("S036", safe_text(what), "", fix))
    found = getattr(importlib.import_module(module_name), function, None)
    if not callable(found):
        raise ProblemError(
            Problem("S036", f"{module_name} has no function {function!r}.", "", "Update the package.")
        )
    called: Callable[..., Any] = found
    return called


def _is_installed_module(module_name: str) -> bool:
    """Whether an installed distribution declares this package as one of ours."""
    from importlib import metadata

    found: Any = metadata.entry_points()
    if sys.version_info >= (3, 10):
        points = found.select(group=ENTRY_POINTS)
    else:
        points = found.get(ENTRY_POINTS, ())
    packages = {point.value.partition(":")[0].split(".")[0] for point in points}
    return module_name.split(".")[0] in packages


def _in_port_order(made: Any, job: Job) -> Tuple[Any, ...]:
    ports = [output.port for output in job.outputs]
    keys = list(made) if isinstance(made, Mapping) else None
    if keys is None or set(keys) != set(ports):
        returned = f"the ports {keys}" if keys is not None else f"a {type(made).__name__}"
        what = f"The module returned {returned}; its outputs are {ports}."
        raise ProblemError(
            Problem("S012", safe_text(what), "", "This is a fault of the module: report it to its author.")
        )
    return tuple(
        NOTHING if output.is_optional and made[output.port] is None else made[output.port]
        for output in job.outputs
    )
