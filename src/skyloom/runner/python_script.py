"""Execute Python Script: the text becomes a file, its ``azureml_main`` is called with the inputs.

Source: studio.md 1.2 (entry point) and 1.3 (where it runs); seed "Basic usage scenarios".
"""

from __future__ import annotations

import difflib
import inspect
import io
import linecache
import os
import sys
from types import ModuleType
from typing import Any, Callable, Optional, Tuple

from skyloom.core.problem import Problem, ProblemError
from skyloom.runner.inputs import Inputs
from skyloom.runner.message import BUNDLE_FOLDER, Input, Job

SCRIPT_FILE = "user_script.py"  # tracebacks show this name (studio.md 1.3)
MODULE = "user_script"
# some exported graphs hold Python text under the R module's parameter name (studio.md, Corrections)
TEXT_PARAMETERS = ("R Script", "Python Script")

Notice = Callable[[str], None]


def call_script(job: Job, inputs: Inputs, notice: Notice) -> Any:
    """Run the script's entry point and give what it returned.

    The working folder is the current folder already while the script is imported, so that files of the
    bundle can be read at its top level (Studio classic; Designer did so in the function only).

    Raises
    ------
    ProblemError
        S003 no usable entry point, S004 no script text.
    BaseException
        Whatever the script raises.
    """
    function = job.entry.get("function") or "azureml_main"
    path = write_script(job, notice)
    enter_folder(job)
    main = entry_point(import_script(path), function)
    return main(*arguments(main, job.data_inputs, inputs, notice))


def write_script(job: Job, notice: Notice) -> str:
    """Put the script's text into the working folder; line numbers stay as the user sees them."""
    text = job.text_value(*TEXT_PARAMETERS)
    if text is None:
        fix = f"Write a function {job.entry.get('function') or 'azureml_main'} into 'Python Script'."
        raise ProblemError(Problem("S004", "The node has no script text.", "Python Script", fix))
    text = text.lstrip("\ufeff")  # editors on Windows begin a file with this mark
    if job.wants_compatibility:
        from skyloom.runner.compatibility.install import start  # loads shims only where they are wanted

        text = start(job.work, notice).source(text, SCRIPT_FILE)
    path = os.path.join(job.work, SCRIPT_FILE)
    with io.FileIO(path, "w") as file:  # unbuffered: half the time of a text stream
        file.write(text.encode("utf-8", "surrogatepass"))
    # an entry without a time stamp is never dropped: the traceback finds its lines even when the script
    # removes its file or changes the folder
    lines = io.StringIO(text, newline=None).readlines()
    linecache.cache[path] = (len(text), None, lines, path)
    return path


def enter_folder(job: Job) -> None:
    """Make the working folder current and its modules importable, behind everything installed."""
    bundle = os.path.join(job.work, BUNDLE_FOLDER)
    os.makedirs(bundle, exist_ok=True)
    os.chdir(job.work)
    # appended: a bundle never shadows an installed package (studio.md 1.3)
    sys.path += [job.work, bundle]
    sys.argv = [os.path.join(job.work, SCRIPT_FILE)]


def import_script(path: str) -> ModuleType:
    """Run the script's top level as the module ``user_script``."""
    module = ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module
    # dont_inherit: our own __future__ imports are not the script's
    exec(compile("".join(linecache.getlines(path)), path, "exec", dont_inherit=True), vars(module))
    return module


def arguments(
    main: Callable[..., Any], ports: Tuple[Input, ...], inputs: Inputs, notice: Notice
) -> Tuple[Any, ...]:
    """The inputs as the entry point's parameters want them.

    No parameter: nothing. One: the first connected input. Two and more: the first two ports by place, None
    for an unconnected one. Defaults, ``*args`` and ``**options`` count one each (studio.md 1.2).
    """
    count = count_parameters(main)
    if count == 0:
        return ()
    if count == 1:
        first = next((port for port in ports if port.is_connected), None)
        return (_argument(first, inputs),)
    pair = [*ports[:2], None, None][:2]
    if pair[0] is not None and pair[1] is not None and pair[1].is_connected and not pair[0].is_connected:
        notice(
            f"Only {pair[1].port} is connected, so the first parameter is None and the table is the second. "
            "A function with one parameter gets the connected table."
        )
    return tuple(_argument(port, inputs) for port in pair)


def count_parameters(main: Callable[..., Any]) -> int:
    """How many parameters a callable lists; two when it does not tell.

    >>> count_parameters(lambda table, *rest: table)
    2
    """
    try:
        return len(inspect.signature(main).parameters)
    except (ValueError, TypeError):  # some callables written in C have no signature
        return 2


def _argument(port: Optional[Input], inputs: Inputs) -> Any:
    return None if port is None else inputs.argument(port)


def entry_point(module: ModuleType, function: str) -> Callable[..., Any]:
    """The function of that name.

    Raises
    ------
    ProblemError
        S003 there is none.
    """
    main: Any = getattr(module, function, None)
    if callable(main):
        found: Callable[..., Any] = main
        return found
    if main is not None:
        what = f"{function} is a {type(main).__name__}, not a function."
        raise ProblemError(
            Problem("S003", what, SCRIPT_FILE, f"Define it: def {function}(dataframe1, dataframe2):")
        )
    defined = [name for name, value in list(vars(module).items()) if inspect.isfunction(value)]
    close = difflib.get_close_matches(function, defined, 1, 0.6)
    fix = (
        f"Rename {close[0]} to {function}."
        if close
        else f"Define it: def {function}(dataframe1, dataframe2):"
    )
    raise ProblemError(Problem("S003", f"The script defines no function {function}.", SCRIPT_FILE, fix))
