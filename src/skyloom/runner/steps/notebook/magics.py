"""Lines of notebooks that are no Python: the magics and shell lines that pipelines' notebooks have.

They become calls of ``__skyloom_magic__``; what is not known is refused when it is reached, not before.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import Any, Callable, Dict, List, Tuple

CALL = "__skyloom_magic__"
_LINE = re.compile(r"^(\s*)(?:(\w+)\s*=\s*)?([!%])(.+)$")
_QUIET = ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "pylab", "warnings")
_INSTALLS = ("pip", "conda", "mamba")


class MagicError(Exception):
    """A magic that there is no twin for."""


def plain_python(source: str) -> Tuple[str, List[Tuple[str, str]]]:
    r"""A cell's text as Python, and its cell magic with the text below it, where it has one.

    >>> plain_python("x = 1\n!ls")
    ("x = 1\n__skyloom_magic__('!', 'ls')", [])
    >>> plain_python("%%writefile a.py\nx = 1")
    ('', [('writefile a.py', 'x = 1')])
    """
    stripped = source.lstrip("\n")
    if stripped.startswith("%%"):
        head, _, body = stripped[2:].partition("\n")
        name = head.split(None, 1)[0] if head.split() else ""
        if name in ("time", "timeit", "capture"):
            return plain_python(body)
        return "", [(head, body)]
    if _is_python(source):
        return source, []
    return "\n".join(_line(line) for line in source.split("\n")), []


def _line(line: str) -> str:
    found = _LINE.match(line)
    if found is None or line.lstrip()[:2] in ("%=", "!=", "% "):  # an expression goes on
        return line
    indent, target, sign, text = found.groups()
    if sign == "%" and text.split()[:1] == ["time"]:
        return indent + text.split(None, 1)[1] if len(text.split(None, 1)) > 1 else indent + "pass"
    call = f"{CALL}({sign!r}, {text!r})"
    return f"{indent}{target} = {call}" if target else indent + call


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


class Magics:
    """Carries magics out in the notebook's namespace."""

    def __init__(self, namespace: Dict[str, Any]) -> None:
        self._namespace = namespace
        self._lines: Dict[str, Callable[[str], Any]] = {
            "run": self._run,
            "cd": os.chdir,
            "env": self._env,
            "set_env": self._env,
            "pwd": lambda rest: os.getcwd(),
            "who": lambda rest: print(*sorted(self._namespace)),
        }

    def line(self, sign: str, text: str) -> Any:
        """One line; the lines that a program printed are its value."""
        name, _, rest = text.strip().partition(" ")
        if sign == "!" or name == "sx":
            return self._shell(text if sign == "!" else rest)
        if name in _QUIET:
            return None
        if name in _INSTALLS:
            return self._shell(text)
        if name in self._lines:
            return self._lines[name](rest.strip())
        raise MagicError(f"The magic '%{name}' is not known here; write it in Python.")

    def cell(self, head: str, body: str) -> None:
        """A whole cell."""
        name, _, rest = head.partition(" ")
        if name in ("writefile", "file"):
            self._write(rest.strip(), body)
        elif name in ("bash", "sh", "script"):
            self._shell(body)
        elif name in ("html", "HTML", "markdown", "javascript", "js", "svg"):
            print(body)
        else:
            raise MagicError(f"The cell magic '%%{name}' is not known here; write the cell in Python.")

    def _shell(self, text: str) -> List[str]:
        words = text.split()
        if words[:1] and os.path.basename(words[0]) in _INSTALLS and "install" in words:
            print("Nothing is installed while a step runs; packages belong into its environment.")
            return []
        for name, value in self._namespace.items():
            if isinstance(value, (str, int, float)):
                text = text.replace("{" + name + "}", str(value))
        done = subprocess.run(["sh", "-c", text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        out = done.stdout.decode("utf-8", "replace")
        sys.stdout.write(out)
        return out.splitlines()

    def _write(self, rest: str, body: str) -> None:
        mode = "a" if rest.startswith("-a ") else "w"
        path = rest[3:].strip() if mode == "a" else rest
        with open(path.strip("'\""), mode, encoding="utf-8") as file:
            file.write(body if body.endswith("\n") else body + "\n")
        print(f"Writing {path}")

    def _run(self, rest: str) -> None:
        words = rest.split()
        before, sys.argv = sys.argv, words
        try:
            with open(words[0], "rb") as file:
                exec(compile(file.read(), words[0], "exec"), self._namespace)
        finally:
            sys.argv = before

    def _env(self, rest: str) -> None:
        name, _, value = rest.partition("=") if "=" in rest else rest.partition(" ")
        os.environ[name.strip()] = value.strip()
