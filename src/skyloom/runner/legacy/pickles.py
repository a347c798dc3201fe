"""Objects as bytes, in the oldest form that every interpreter here reads: protocol 2."""

from __future__ import absolute_import, division, print_function

import pickle

from . import newer_pickles
from .words import IS_2, Fault, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

if IS_2:
    import cPickle as fast_pickle  # type: ignore[import-not-found]  # Python 2
else:
    fast_pickle = pickle

PROTOCOL = 2


class StoredObject(object):
    """A cell that cannot be opened in this interpreter; handed back, it is the same bytes again."""

    def __init__(self, content):
        # type: (bytes) -> None
        self.content = content

    def __repr__(self):
        # type: () -> str
        return "<object of %d bytes, made by another Python>" % len(self.content)


def load_cell(content):
    # type: (bytes) -> Any
    """The object, or a `StoredObject` when this interpreter cannot load it."""
    try:
        return _load(content)
    except Exception:  # objects raise what they like while they are loaded
        return StoredObject(content)


def pickled_anew(content):
    # type: (bytes) -> bytes
    """What `dump_object` makes of a stored cell that nobody changed; empty where that cannot be told."""
    try:
        return dump_object(load_cell(content), u"")
    except Fault:
        return b""


def load_object(content, where):
    # type: (bytes, Any) -> Any
    """A trained model or another object of a port; Fault D032 when it cannot be loaded here."""
    try:
        return _load(content)
    except Exception as error:
        what = u"The stored object cannot be loaded here: %s: %s." % (type(error).__name__, safe_text(error))
        fix = u"Use the environment that made it; classes defined in a script need its bundle."
        raise Fault("D032", what, where, fix)


def dump_object(value, where):
    # type: (Any, Any) -> bytes
    """The object as a pickle; Fault D031 when it cannot be pickled."""
    if isinstance(value, StoredObject):
        return value.content
    try:
        content = fast_pickle.dumps(value, PROTOCOL)  # type: bytes
        return content
    except Exception as error:
        what = u"An object of type %s cannot be stored: %s: %s." % (
            type(value).__name__,
            type(error).__name__,
            safe_text(error),
        )
        raise Fault("D031", what, where, u"Return plain values, or bytes made by pickle.dumps.")


def _load(content):
    # type: (bytes) -> Any
    protocol = bytearray(content[1:2])[0] if content[:1] == b"\x80" else 0
    if protocol > pickle.HIGHEST_PROTOCOL:
        return newer_pickles.loads(content)
    if IS_2:
        return fast_pickle.loads(content)
    try:
        return pickle.loads(content)
    except UnicodeDecodeError:  # text of Python 2 beyond ASCII
        return pickle.loads(content, encoding="latin1")
