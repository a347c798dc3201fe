"""Pickles of newer Pythons, read by an old one: lists, dicts and the like that a script of `studio` made.

Python 2.7 reads protocols up to 2, Python 3.6 up to 4; cells of `studio` have protocol 5. Sources: PEP 3154
(protocol 4), PEP 574 (protocol 5), and the comments on opcodes in ``pickletools``.
"""

from __future__ import absolute_import, division, print_function

import io
import pickle
import struct

from .words import IS_2

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

NEWEST = 5
_Unpickler = pickle.Unpickler if IS_2 else pickle._Unpickler  # type: Any

# names that moved: (module, name) today -> then
_MODULES = {"builtins": "__builtin__", "copyreg": "copy_reg"} if IS_2 else {}


def loads(content):
    # type: (bytes) -> Any
    """The object; whatever it raises means that this interpreter cannot have it."""
    return Unpickler(io.BytesIO(content)).load()


class Unpickler(_Unpickler):  # type: ignore[misc]
    """The standard library's own, taught the opcodes that it lacks."""

    dispatch = dict(_Unpickler.dispatch)

    def find_class(self, module, name):
        # type: (str, str) -> Any
        module, name = str(module), str(name)
        if module.startswith("numpy._core"):  # numpy 2
            if name == "_frombuffer":
                return _array
            module = "numpy.core" + module[len("numpy._core") :]
        return _Unpickler.find_class(self, _MODULES.get(module, module), name)

    def _protocol(self):
        # type: () -> None
        if ord(self.read(1)) > NEWEST:
            raise ValueError("a pickle of a protocol to come")

    def _frame(self):
        # type: () -> None
        self.read(8)

    def _text(self, size):
        # type: (int) -> None
        self.append(self.read(size).decode("utf-8", "replace" if IS_2 else "surrogatepass"))

    def _short_text(self):
        # type: () -> None
        self._text(ord(self.read(1)))

    def _long_text(self):
        # type: () -> None
        self._text(self._length("<Q"))

    def _short_bytes(self):
        # type: () -> None
        self.append(self.read(ord(self.read(1))))

    def _bytes(self):
        # type: () -> None
        self.append(self.read(self._length("<I")))

    def _long_bytes(self):
        # type: () -> None
        self.append(self.read(self._length("<Q")))

    def _bytearray(self):
        # type: () -> None
        self.append(bytearray(self.read(self._length("<Q"))))

    def _empty_set(self):
        # type: () -> None
        self.append(set())

    def _add_items(self):
        # type: () -> None
        items = self._since_mark()
        self.stack[-1].update(items)

    def _frozenset(self):
        # type: () -> None
        self.append(frozenset(self._since_mark()))

    def _memoize(self):
        # type: () -> None
        self.memo[repr(len(self.memo))] = self.stack[-1]

    def _stack_global(self):
        # type: () -> None
        name = self.stack.pop()
        module = self.stack.pop()
        self.append(self.find_class(module, name))

    def _new_object(self):
        # type: () -> None
        keywords = self.stack.pop()
        arguments = self.stack.pop()
        kind = self.stack.pop()
        self.append(kind.__new__(kind, *arguments, **{str(key): item for key, item in keywords.items()}))

    def _length(self, form):
        # type: (str) -> int
        length = struct.unpack(form, self.read(struct.calcsize(form)))[0]  # type: int
        return length

    def _since_mark(self):
        # type: () -> list[Any]
        start = self.marker()
        items = list(self.stack[start + 1 :])
        del self.stack[start:]
        return items


def _array(content, dtype, shape, order, axes=None):
    # type: (Any, Any, Any, Any, Any) -> Any
    """An array that numpy wrote as its bytes."""
    import numpy

    array = numpy.frombuffer(bytes(content), dtype).copy()
    if order == "K" and axes is not None:
        return array.reshape([shape[axis] for axis in axes]).transpose(numpy.argsort(axes))
    return array.reshape(shape, order=order)


def _teach(opcodes):
    # type: (dict[bytes, Any]) -> None
    for code, method in opcodes.items():
        Unpickler.dispatch[code if IS_2 else ord(code)] = method


_teach({b"\x80": Unpickler._protocol, b"\x96": Unpickler._bytearray})
if IS_2:
    _teach(
        {
            b"B": Unpickler._bytes,
            b"C": Unpickler._short_bytes,
            b"\x8c": Unpickler._short_text,
            b"\x8d": Unpickler._long_text,
            b"\x8e": Unpickler._long_bytes,
            b"\x8f": Unpickler._empty_set,
            b"\x90": Unpickler._add_items,
            b"\x91": Unpickler._frozenset,
            b"\x92": Unpickler._new_object,
            b"\x93": Unpickler._stack_global,
            b"\x94": Unpickler._memoize,
            b"\x95": Unpickler._frame,
        }
    )
