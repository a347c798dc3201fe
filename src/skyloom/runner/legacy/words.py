"""Text in two generations of Python, and the one shape of a fault."""

from __future__ import absolute_import, division, print_function

import re
import sys

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

IS_2 = sys.version_info[0] == 2
TEXT = type(u"")  # unicode in Python 2
BYTES = type(b"")  # str in Python 2
INTEGERS = (int, type(2**64))  # int and long in Python 2

# pairs are one character in a Python that counts in 16 bits
_LONE = u"[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
_SURROGATE = re.compile(u"[\ud800-\udfff]" if sys.maxunicode > 0xFFFF else _LONE)


class Fault(Exception):
    """A problem of ours: code, message, where, fix; ``is_no_result`` when the script ran to its end."""

    def __init__(self, code, message, where=u"", fix=u"", is_no_result=False):
        # type: (str, Any, Any, Any, bool) -> None
        Exception.__init__(self, safe_text(message))
        self.code = code
        self.message_text = safe_text(message)
        self.where = safe_text(where)
        self.fix = safe_text(fix)
        self.is_no_result = is_no_result


def safe_text(value):
    # type: (Any) -> str
    """Text that UTF-8 and JSON can carry, of any object; never raises."""
    try:
        if isinstance(value, TEXT):
            text = TEXT(value)
        elif isinstance(value, BYTES):
            text = value.decode("utf-8", "replace")
        elif IS_2:
            text = _text_of_2(value)
        else:
            text = str(value)
    except BaseException as failure:
        text = u"<%s whose text raises %s>" % (type(value).__name__, type(failure).__name__)
    return clean_text(text)


def clean_text(text):
    # type: (str) -> str
    """The text with each lone surrogate, which no encoding can carry, replaced by U+FFFD."""
    return _SURROGATE.sub(u"\ufffd", text)


def cell_text(content):
    # type: (bytes) -> str
    """UTF-8 as the text that old scripts know: in Python 2 ``str`` where it is ASCII, else ``unicode``.

    Both compare and join alike there, and only ``str`` has what scripts of the time do with text
    (``translate`` with two arguments, ``cPickle.loads``, ``isinstance(x, str)``).
    """
    if IS_2:
        try:
            content.decode("ascii")
            return content  # type: ignore[return-value]
        except UnicodeDecodeError:
            pass
    return content.decode("utf-8")


def quoted(value):
    # type: (Any) -> str
    """A value between quotes, the same in both Pythons."""
    return u"'%s'" % safe_text(value)


def _text_of_2(value):
    # type: (Any) -> str
    try:
        return TEXT(value)
    except UnicodeError:  # an exception whose message is bytes
        return bytes(str(value)).decode("utf-8", "replace")  # type: ignore[arg-type]
