"""The script becomes a file, its ``azureml_main`` is called with the inputs (runner/python_script.py)."""

from __future__ import absolute_import, division, print_function

import difflib
import inspect
import linecache
import os
import re
import sys
import types

from .words import IS_2, TEXT, Fault, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

SCRIPT_FILE = "user_script.py"
MODULE = "user_script"
BUNDLE_FOLDER = "Script Bundle"
TEXT_PARAMETERS = ("R Script", "Python Script")
_MARK = b"\xef\xbb\xbf"
_CODING = re.compile(br"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")


def write_script(values, work):
    # type: (dict[str, Any], str) -> str
    """Put the script's text into the working folder; its path."""
    given = [values.get(name) for name in TEXT_PARAMETERS]
    texts = [text for text in given if isinstance(text, TEXT) and text.strip()]
    if not texts:
        raise Fault(
            "S004",
            u"The node has no script text.",
            u"Python Script",
            u"Write a function azureml_main into 'Python Script'.",
        )
    content = texts[0].lstrip(u"\ufeff").encode("utf-8", "replace")
    path = os.path.join(work, SCRIPT_FILE)
    with open(path, "wb") as file:
        file.write(content)
    lines = safe_text(content).splitlines(True)
    shown = [line.encode("utf-8") for line in lines] if IS_2 else lines  # type: Any
    # an entry without a time stamp is never dropped: the traceback finds its lines even without the file
    linecache.cache[path] = (len(content), None, shown, path)
    return path


def import_script(path, work):
    # type: (str, str) -> types.ModuleType
    """Run the script's top level as the module ``user_script``, in the working folder."""
    bundle = os.path.join(work, BUNDLE_FOLDER)
    if not os.path.isdir(bundle):
        os.makedirs(bundle)
    os.chdir(work)
    sys.path += [work, bundle]  # appended: a bundle never shadows an installed package (studio.md 1.3)
    sys.argv = [path]
    with open(path, "rb") as file:
        content = file.read()
    if IS_2 and not any(_CODING.match(line) for line in content.splitlines()[:2]):
        content = _MARK + content  # the page that scripts were typed into knew UTF-8 only
    module = types.ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module
    source = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + b"\n"
    exec(compile(source, path, "exec", 0, True), vars(module))
    return module


def entry_point(module, function):
    # type: (types.ModuleType, str) -> Any
    """The function to call; Fault S003 when there is none."""
    main = getattr(module, function, None)
    if callable(main):
        return main
    fix = u"Define it: def %s(dataframe1, dataframe2):" % function
    if main is not None:
        what = u"%s is a %s, not a function." % (function, safe_text(type(main).__name__))
        raise Fault("S003", what, SCRIPT_FILE, fix)
    defined = [name for name, value in list(vars(module).items()) if inspect.isfunction(value)]
    close = difflib.get_close_matches(function, defined, 1, 0.6)
    if close:
        fix = u"Rename %s to %s." % (close[0], function)
    raise Fault("S003", u"The script defines no function %s." % function, SCRIPT_FILE, fix)


def arguments(main, ports, value_of, notice):
    # type: (Any, list[dict[str, Any]], Any, Any) -> list[Any]
    """The inputs as the entry point's parameters want them (studio.md 1.2).

    No parameter: nothing. One: the first connected input. Two and more: the first two ports by place, None
    for an unconnected one.
    """
    count = count_parameters(main)
    if count == 0:
        return []
    if count == 1:
        connected = [port for port in ports if port["file"] is not None]
        return [value_of(connected[0]) if connected else None]
    pair = ports[:2]
    if len(pair) == 2 and pair[1]["file"] is not None and pair[0]["file"] is None:
        notice(
            u"Only %s is connected, so the first parameter is None and the table is the second. "
            u"A function with one parameter gets the connected table." % pair[1]["port"]
        )
    values = [value_of(port) if port["file"] is not None else None for port in pair]
    return (values + [None, None])[:2]


def count_parameters(main):
    # type: (Any) -> int
    """How many parameters a callable lists, ``*args`` and ``**options`` one each; two if it does not tell."""
    try:
        if not IS_2:
            return len(inspect.signature(main).parameters)
        if not inspect.isfunction(main) and not inspect.ismethod(main):
            main = main.__init__ if inspect.isclass(main) else main.__call__
        spec = inspect.getargspec(main)  # type: ignore[attr-defined]  # Python 2
    except (ValueError, TypeError, AttributeError):
        return 2
    count = len(spec.args) + (spec.varargs is not None) + (spec.keywords is not None)
    return count - 1 if inspect.ismethod(main) else count


