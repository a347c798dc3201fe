"""What values of Python 2 could do and those of Python 3 cannot.

Converted text reaches these functions as ``__skyloom__``.
"""

from __future__ import annotations

import codecs
import functools
import importlib
import io
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from skyloom.runner.compatibility.session import asking_frame, current, tell_at
from skyloom.runner.compatibility.shim import Shim

TRANSLATE = Shim(
    "text.translate(table, deleted)",
    "Python 3",
    "text.translate(str.maketrans('', '', deleted))",
    "deletes, then maps",
    is_name=False,
)
_VIEWS: Tuple[Any, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_CODECS = frozenset(("hex", "base64", "zlib", "bz2", "rot13", "uu", "quopri"))


class Python2Values:
    """The names that converted text calls."""

    reduce = staticmethod(functools.reduce)
    intern = staticmethod(sys.intern)

    @staticmethod
    def cmp(left: Any, right: Any) -> int:
        return int(left > right) - int(left < right)

    @staticmethod
    def by(compare: Callable[[Any, Any], int]) -> Any:
        """Give the sort key of a comparison function."""
        return functools.cmp_to_key(compare)

    @staticmethod
    def unicode(value: Any, *rest: Any, **named: Any) -> str:
        """Decode bytes; text, which has nothing to decode, is given as it is."""
        return str(value, *rest, **named) if isinstance(value, (bytes, bytearray)) else str(value)

    @staticmethod
    def apply(
        function: Callable[..., Any], args: Tuple[Any, ...] = (), kwargs: Optional[Dict[str, Any]] = None
    ) -> Any:
        return function(*args, **(kwargs or {}))

    @staticmethod
    def reload(module: Any) -> Any:
        """Reload a module; ``reload(sys)`` only served to reach setdefaultencoding, so it does nothing."""
        return module if module is sys else importlib.reload(module)

    @staticmethod
    def file(name: str, mode: str = "r", buffering: int = -1) -> Any:
        return open(name, mode, buffering)

    @staticmethod
    def execfile(
        name: str, space: Optional[Dict[str, Any]] = None, local: Optional[Dict[str, Any]] = None
    ) -> None:
        frame, session = sys._getframe(1), current()
        with open(name, "rb") as stream:
            text: Any = stream.read()
        if session is not None and session.modernise is not None:
            text = session.modernise(text, name)
        code = compile(text, name, "exec")
        if space is not None:
            exec(code, space, space if local is None else local)
        else:
            exec(code, frame.f_globals, frame.f_locals)

    @staticmethod
    def listed(value: Any) -> Any:
        """Make a list of a view of a dict; anything else (the keys of a frame) stays what it is."""
        return [*value] if isinstance(value, _VIEWS) else value

    @staticmethod
    def late(value: Any, name: str) -> Any:
        """Give an attribute, and where there is none what it was in Python 2."""
        try:
            return getattr(value, name)
        except AttributeError:
            restored = _ATTRIBUTES.get(name)
            if restored is None:
                raise
            found = restored(value)
            if found is None:
                raise
            return found

    @staticmethod
    def translate(text: Any, table: Any, deleted: Any) -> Any:
        """Do ``str.translate(table, deletechars)``: delete, then map."""
        if not isinstance(text, str):
            return text.translate(table, deleted)
        tell_at(TRANSLATE, asking_frame())
        kept = text.translate({ord(letter): None for letter in deleted})
        return kept if table is None else kept.translate(table)


def _dict_method(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(value, name, None)


def _decode(value: Any) -> Any:
    if not isinstance(value, str):
        return None

    def decode(encoding: str = "ascii", errors: str = "strict") -> Any:
        plain = encoding.lower().replace("_", "").replace("-codec", "")
        if plain in _CODECS:
            return codecs.decode(value.encode("latin-1"), plain)
        if plain in ("stringescape", "unicodeescape"):
            return codecs.decode(value, "unicode_escape")
        return value  # it is text already

    return decode


def _next(value: Any) -> Any:
    return getattr(value, "__next__", None)


def _message(value: Any) -> Any:
    if not isinstance(value, BaseException):
        return None
    return value.args[0] if len(value.args) == 1 else ""


_ATTRIBUTES: Dict[str, Callable[[Any], Any]] = {
    "has_key": _dict_method("__contains__"),
    "iteritems": _dict_method("items"),
    "iterkeys": _dict_method("keys"),
    "itervalues": _dict_method("values"),
    "viewitems": _dict_method("items"),
    "viewkeys": _dict_method("keys"),
    "viewvalues": _dict_method("values"),
    "func_name": _dict_method("__name__"),
    "func_code": _dict_method("__code__"),
    "func_doc": _dict_method("__doc__"),
    "func_defaults": _dict_method("__defaults__"),
    "func_globals": _dict_method("__globals__"),
    "im_func": _dict_method("__func__"),
    "im_self": _dict_method("__self__"),
    "next": _next,
    "decode": _decode,
    "message": _message,
}


class _TextOf:
    """A file of bytes, read and written as text; the file itself is left open and in its place."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            yield line.decode("utf-8-sig")

    def write(self, text: str) -> int:
        return int(self._stream.write(text.encode("utf-8")))


def as_text_stream(stream: Any) -> Any:
    """Give text for a file opened as bytes: Python 2 read and wrote CSV files that way."""
    return _TextOf(stream) if isinstance(stream, (io.BufferedIOBase, io.RawIOBase)) else stream


def encoded(value: Any) -> Any:
    return value.encode("utf-8") if isinstance(value, str) else value


def sequence_of(values: Iterable[Any]) -> List[Any]:
    """Give a list in an order that does not change from run to run."""
    try:
        return sorted(values)
    except TypeError:
        return list(values)
