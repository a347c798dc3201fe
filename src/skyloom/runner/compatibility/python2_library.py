"""Modules and module names of the standard library that Python 3 renamed or dropped."""

from __future__ import annotations

import hashlib
import io
import string
import sys
from typing import Any, Callable

from skyloom.runner.compatibility.library import Call, Library
from skyloom.runner.compatibility.python2_values import TRANSLATE, as_text_stream, encoded, sequence_of

PYTHON2 = Library("python2")
_GONE = "Python 3"
PYTHON2.spelled.append(TRANSLATE)

for _old, _new in {
    "cPickle": "pickle",
    "ConfigParser": "configparser",
    "Queue": "queue",
    "HTMLParser": "html.parser",
    "htmlentitydefs": "html.entities",
    "urlparse": "urllib.parse",
    "httplib": "http.client",
    "Cookie": "http.cookies",
    "cookielib": "http.cookiejar",
    "BaseHTTPServer": "http.server",
    "SimpleHTTPServer": "http.server",
    "CGIHTTPServer": "http.server",
    "SocketServer": "socketserver",
    "commands": "subprocess",
    "__builtin__": "builtins",
    "future_builtins": "builtins",
    "copy_reg": "copyreg",
    "thread": "_thread",
    "dummy_thread": "_thread",
    "repr": "reprlib",
    "anydbm": "dbm",
    "dumbdbm": "dbm.dumb",
    "xmlrpclib": "xmlrpc.client",
    "robotparser": "urllib.robotparser",
    "UserDict": "collections",
    "UserList": "collections",
    "UserString": "collections",
    "Tkinter": "tkinter",
}.items():
    PYTHON2.module(_old, _GONE, _new, {"*": _new, "SafeConfigParser": "configparser:ConfigParser"})
PYTHON2.module("exceptions", _GONE, "builtins", {"*": "builtins", "StandardError": "builtins:Exception"})
PYTHON2.module(
    "xml.etree.cElementTree", "Python 3.9", "xml.etree.ElementTree", {"*": "xml.etree.ElementTree"}
)
PYTHON2.module(
    "sets", _GONE, "builtins (set, frozenset)", {"Set": "builtins:set", "ImmutableSet": "builtins:frozenset"}
)
PYTHON2.module(
    "imp", "Python 3.12", "importlib", {"reload": "importlib:reload", "new_module": "types:ModuleType"}
)
PYTHON2.module(
    "urllib2",
    _GONE,
    "urllib.request",
    {
        "*": "urllib.request",
        "HTTPError": "urllib.error:HTTPError",
        "URLError": "urllib.error:URLError",
        "quote": "urllib.parse:quote",
        "unquote": "urllib.parse:unquote",
        "urlparse": "urllib.parse:urlparse",
    },
)
PYTHON2.alias(
    "urllib",
    {
        "urlencode": "urllib.parse:urlencode",
        "quote": "urllib.parse:quote",
        "quote_plus": "urllib.parse:quote_plus",
        "unquote": "urllib.parse:unquote",
        "unquote_plus": "urllib.parse:unquote_plus",
        "urlopen": "urllib.request:urlopen",
        "urlretrieve": "urllib.request:urlretrieve",
        "pathname2url": "urllib.request:pathname2url",
        "url2pathname": "urllib.request:url2pathname",
    },
    _GONE,
)
PYTHON2.alias(
    "itertools",
    {
        "izip": "builtins:zip",
        "imap": "builtins:map",
        "ifilter": "builtins:filter",
        "izip_longest": "itertools:zip_longest",
        "ifilterfalse": "itertools:filterfalse",
    },
    _GONE,
)
PYTHON2.constants(
    "string",
    {
        "letters": (string.ascii_letters, "string.ascii_letters"),
        "lowercase": (string.ascii_lowercase, "string.ascii_lowercase"),
        "uppercase": (string.ascii_uppercase, "string.ascii_uppercase"),
        "atoi": (int, "int"),
        "atol": (int, "int"),
        "atof": (float, "float"),
        "maketrans": (str.maketrans, "str.maketrans"),
        **{
            name: (getattr(str, name), "text.%s(...)" % name)
            for name in [
                "lower",
                "upper",
                "strip",
                "lstrip",
                "rstrip",
                "split",
                "rsplit",
                "replace",
                "find",
                "rfind",
                "index",
                "rindex",
                "count",
                "capitalize",
                "zfill",
                "ljust",
                "rjust",
                "center",
                "expandtabs",
                "swapcase",
            ]
        },
    },
    _GONE,
)
PYTHON2.constants("sys", {"maxint": (sys.maxsize, "sys.maxsize")}, _GONE)
PYTHON2.constants(
    "types",
    {
        "StringType": (str, "str"),
        "UnicodeType": (str, "str"),
        "StringTypes": ((str,), "str"),
        "IntType": (int, "int"),
        "LongType": (int, "int"),
        "FloatType": (float, "float"),
        "ComplexType": (complex, "complex"),
        "BooleanType": (bool, "bool"),
        "ListType": (list, "list"),
        "TupleType": (tuple, "tuple"),
        "DictType": (dict, "dict"),
        "DictionaryType": (dict, "dict"),
        "TypeType": (type, "type"),
        "ObjectType": (object, "object"),
        "FileType": (io.IOBase, "io.IOBase"),
        "NoneType": (type(None), "type(None)"),
    },
    _GONE,
)
PYTHON2.alias("os", {"getcwdu": "os:getcwd"}, _GONE)
PYTHON2.alias(
    "collections",
    {
        name: "collections.abc:" + name
        for name in [
            "Callable",
            "Container",
            "Hashable",
            "ItemsView",
            "Iterable",
            "Iterator",
            "KeysView",
            "Mapping",
            "MappingView",
            "MutableMapping",
            "MutableSequence",
            "MutableSet",
            "Sequence",
            "Set",
            "Sized",
            "ValuesView",
        ]
    },
    "Python 3.10",
)
PYTHON2.alias("time", {"clock": "time:perf_counter"}, "Python 3.8")
PYTHON2.alias("cgi", {"escape": "html:escape"}, "Python 3.8")
PYTHON2.alias("fractions", {"gcd": "math:gcd"}, "Python 3.9")
PYTHON2.alias("inspect", {"getargspec": "inspect:getfullargspec"}, "Python 3.11")
PYTHON2.alias(
    "base64", {"encodestring": "base64:encodebytes", "decodestring": "base64:decodebytes"}, "Python 3.9"
)


@PYTHON2.named("string", "join", _GONE, "separator.join(words)")
def _join(words: Any, separator: str = " ") -> str:
    """Joins the words, with a space unless told otherwise."""
    return separator.join(words)


@PYTHON2.named("sys", "setdefaultencoding", _GONE, "nothing: text is Unicode")
def _setdefaultencoding(encoding: str) -> None:
    """Does nothing: text is Unicode."""


@PYTHON2.named("operator", "isCallable", _GONE, "callable(value)")
def _is_callable(value: Any) -> bool:
    """Calls callable."""
    return callable(value)


def _text_buffer(text: Any = "") -> io.StringIO:
    return io.StringIO(text.decode("utf-8") if isinstance(text, bytes) else text)


for _old in ("StringIO", "cStringIO"):
    PYTHON2.module(_old, _GONE, "io", builds={"StringIO": lambda: _text_buffer})


def _digest(name: str) -> Callable[[], Any]:
    return lambda: lambda value="": hashlib.new(name, encoded(value))


PYTHON2.module("md5", _GONE, "hashlib.md5", builds={"new": _digest("md5"), "md5": _digest("md5")})
PYTHON2.module("sha", _GONE, "hashlib.sha1", builds={"new": _digest("sha1"), "sha": _digest("sha1")})


@PYTHON2.repair(
    "csv:reader",
    "csv:writer",
    old="csv.reader(open(name, 'rb'))",
    gone=_GONE,
    modern="open(name, newline='')",
    is_first=True,
)
def _csv_in_bytes(call: Call) -> bool:
    """Reads and writes the file as text."""
    stream = as_text_stream(call.args[0]) if call.args else None
    if stream is None or stream is call.args[0]:
        return False
    call.args[0] = stream
    return True


@PYTHON2.repair(
    "pickle:load",
    old="pickle.load of what Python 2 pickled",
    gone=_GONE,
    modern="pickle.load(file, encoding='latin1')",
)
def _load_old_pickle(call: Call) -> bool:
    """Reads the file again, its byte strings as latin-1."""
    if not isinstance(call.error, UnicodeDecodeError) or "encoding" in call.kwargs or not call.args:
        return False
    call.args[0].seek(0)
    call.kwargs["encoding"] = "latin1"
    return True


@PYTHON2.repair(
    "pickle:loads",
    old="pickle.loads of what Python 2 pickled",
    gone=_GONE,
    modern="pickle.loads(data, encoding='latin1')",
)
def _loads_old_pickle(call: Call) -> bool:
    """Reads the data again, its byte strings as latin-1."""
    if isinstance(call.error, UnicodeDecodeError) and "encoding" not in call.kwargs:
        call.kwargs["encoding"] = "latin1"
        return True
    if isinstance(call.error, TypeError) and call.args and isinstance(call.args[0], str):
        call.args[0] = call.args[0].encode("latin-1")
        return True
    return False


@PYTHON2.repair(
    "pickle:load", old="pickle.load(open(name))", gone=_GONE, modern="pickle.load(open(name, 'rb'))"
)
def _load_from_text_file(call: Call) -> bool:
    """Reads the bytes below the text file."""
    stream = call.args[0] if call.args else None
    if not isinstance(stream, io.TextIOWrapper):
        return False
    stream.seek(0)
    call.args[0] = stream.buffer
    return True


@PYTHON2.repair(
    "hashlib:md5",
    "hashlib:sha1",
    "hashlib:sha256",
    old="hashlib.md5(text)",
    gone=_GONE,
    modern="hashlib.md5(text.encode())",
)
def _digest_of_text(call: Call) -> bool:
    """Takes the UTF-8 bytes of the text."""
    if not (call.args and isinstance(call.args[0], str)):
        return False
    call.args[0] = encoded(call.args[0])
    return True


@PYTHON2.repair(
    "random:sample",
    old="random.sample(a_set, k)",
    gone="Python 3.11",
    modern="random.sample(sorted(a_set), k)",
)
def _sample_of_set(call: Call) -> bool:
    """Draws from the members in sorted order."""
    if not (call.args and isinstance(call.args[0], (set, frozenset))):
        return False
    call.args[0] = sequence_of(call.args[0])
    return True


@PYTHON2.repair(
    "json:loads",
    "json:load",
    old="json.loads(text, encoding=...)",
    gone="Python 3.9",
    modern="json.loads(text)",
)
def _json_encoding(call: Call) -> bool:
    """Leaves the encoding aside: JSON text is Unicode."""
    return call.kwargs.pop("encoding", None) is not None
