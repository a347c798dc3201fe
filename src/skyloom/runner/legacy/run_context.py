"""The ``Run`` of the old SDK inside a box of an old interpreter (runner/run_context.py)."""

from __future__ import absolute_import, division, print_function

import io
import math
import os
import posixpath
import shutil
import time

from .words import BYTES, INTEGERS, IS_2, TEXT, Fault, quoted, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

METRICS_LIMIT = 50000
ITEMS_LIMIT = 100000
TEXT_LIMIT = 10000
FOLDER = ".uploads"
_LARGEST_EXACT = 2**53
_open = open


class Recorder(object):
    """What the script logged and uploaded, in order."""

    def __init__(self, work):
        # type: (str) -> None
        self.metrics = []  # type: list[list[Any]]
        self.files = []  # type: list[str]
        self.dropped = 0
        self._root = os.path.join(work, FOLDER)

    def record(self, name, value):
        # type: (Any, Any) -> None
        if len(self.metrics) >= METRICS_LIMIT:
            self.dropped += 1
            return
        self.metrics.append([safe_text(name)[:255], value])

    def keep(self, name, source):
        # type: (Any, Any) -> str
        """Keep a file (a path, bytes, or an open binary file) under a relative name."""
        kept = file_name(name)
        target = os.path.join(self._root, *kept.split(u"/"))
        try:
            if not os.path.isdir(os.path.dirname(target)):
                os.makedirs(os.path.dirname(target))
            _copy(source, target)
        except (IOError, OSError) as error:
            what = u"%s cannot be uploaded as '%s': %s." % (quoted(source), kept, safe_text(error))
            raise Fault("S022", what, u"", u"Write the file before you upload it.")
        if kept not in self.files:
            self.files.append(kept)
        return kept


class Run(object):
    """The run a script belongs to. Get it with ``Run.get_context()``."""

    _current = None  # type: Any

    def __init__(self, recorder, is_parent=False):
        # type: (Recorder, bool) -> None
        self._recorder = recorder
        self._is_parent = is_parent
        self._tags = {}  # type: dict[str, str]
        self._properties = {}  # type: dict[str, str]

    @staticmethod
    def get_context(allow_offline=True, **_):
        # type: (bool, **Any) -> Any
        return Run._current

    @property
    def id(self):
        # type: () -> str
        return os.environ.get("AZUREML_RUN_ID", "run")

    run_id = name = display_name = id

    @property
    def parent(self):
        # type: () -> Run
        """The run of the whole experiment; what it logs is recorded with this node run."""
        return self if self._is_parent else Run(self._recorder, True)

    @property
    def experiment(self):
        # type: () -> Experiment
        return Experiment(os.environ.get("AZUREML_ARM_PROJECT_NAME", "experiment"))

    @property
    def status(self):
        # type: () -> str
        return "Running"

    def get_status(self):
        # type: () -> str
        return self.status

    def get_details(self):
        # type: () -> dict[str, Any]
        return {"runId": self.id, "status": self.status, "properties": dict(self._properties)}

    def log(self, name, value, description="", step=None):
        # type: (Any, Any, Any, Any) -> None
        """Record one number or text. Logging a name again makes it a list."""
        self._recorder.record(name, _scalar(name, value))

    def log_list(self, name, value, description=""):
        # type: (Any, Any, Any) -> None
        self._recorder.record(name, _list(name, value))

    def log_row(self, name, description=None, **columns):
        # type: (Any, Any, **Any) -> None
        self._recorder.record(name, {safe_text(key): _scalar(name, item) for key, item in columns.items()})

    def log_table(self, name, value, description=""):
        # type: (Any, Any, Any) -> None
        if hasattr(value, "to_dict") and hasattr(value, "columns"):
            value = value.to_dict("list")
        if not isinstance(value, dict):
            what = u"The table %s is a %s, not a dict of columns." % (quoted(name), type(value).__name__)
            raise Fault("S021", what, u"", u"Pass {'column': [values], ...}.")
        table = {}
        for column, items in value.items():
            is_many = hasattr(items, "__iter__") and not isinstance(items, (TEXT, BYTES))
            table[safe_text(column)] = _list(name, items) if is_many else _scalar(name, items)
        self._recorder.record(name, table)

    def log_image(self, name, path=None, plot=None, description=""):
        # type: (Any, Any, Any, Any) -> None
        """Keep a picture: exactly one of a file's ``path`` and a ``plot`` (pyplot or a Figure)."""
        if (path is None) == (plot is None):
            raise Fault("S021", u"log_image takes either path or plot.", u"", u"Pass one of them.")
        suffix = os.path.splitext(str(path))[1] if path is not None else ".png"
        target = u"%s_%d%s" % (safe_text(name).replace(u"/", u"_"), int(time.time()), suffix)
        self._recorder.record(name, self._recorder.keep(target, path if path is not None else _png(plot)))

    def get_metrics(self, name=None, **_):
        # type: (Any, **Any) -> dict[Any, Any]
        """What was logged so far: one value, or the list of them when a name was logged again."""
        found = {}  # type: dict[Any, list[Any]]
        for key, value in self._recorder.metrics:
            if name is None or key == name:
                found.setdefault(key, []).append(value)
        return {key: values[0] if len(values) == 1 else values for key, values in found.items()}

    def upload_file(self, name, path_or_stream, datastore_name=None, **_):
        # type: (Any, Any, Any, **Any) -> str
        """Keep a file with the run; PNG files among them are shown as images."""
        return self._recorder.keep(name, path_or_stream)

    def upload_files(self, names, paths, **_):
        # type: (list[Any], list[Any], **Any) -> list[str]
        if len(names) != len(paths):
            what = u"upload_files got %d names and %d paths." % (len(names), len(paths))
            raise Fault("S022", what, u"", u"Pass one name for each path.")
        return [self._recorder.keep(name, path) for name, path in zip(names, paths)]

    def upload_folder(self, name, path, datastore_name=None):
        # type: (Any, str, Any) -> list[str]
        """Keep every file below a folder, in sorted order."""
        if not os.path.isdir(path):
            what = u"%s is not a folder." % quoted(path)
            raise Fault("S022", what, u"", u"upload_folder takes a folder, upload_file a file.")
        names = []
        for parent, folders, files in os.walk(path):
            folders[:] = sorted(item for item in folders if item != FOLDER)
            for item in sorted(files):
                whole = os.path.join(parent, item)
                below = os.path.relpath(whole, path)
                names.append(self._recorder.keep(posixpath.join(str(name), below), whole))
        return names

    def get_file_names(self):
        # type: () -> list[str]
        return list(self._recorder.files)

    # labels and life: kept for the length of the script; a run ends when its script ends

    def tag(self, key, value=None):
        # type: (Any, Any) -> None
        self._tags[safe_text(key)] = safe_text(value)

    def set_tags(self, tags):
        # type: (dict[Any, Any]) -> None
        self._tags = {safe_text(key): safe_text(value) for key, value in tags.items()}

    def get_tags(self):
        # type: () -> dict[str, str]
        return dict(self._tags)

    def add_properties(self, properties):
        # type: (dict[Any, Any]) -> None
        self._properties.update({safe_text(key): safe_text(value) for key, value in properties.items()})

    def get_properties(self):
        # type: () -> dict[str, str]
        return dict(self._properties)

    tags = property(get_tags)
    properties = property(get_properties)

    def flush(self, timeout_seconds=300):
        # type: (int) -> None
        """Nothing waits: metrics are kept as they are logged."""

    def start(self):
        # type: () -> None
        """Running already."""

    def complete(self, _set_status=True):
        # type: (bool) -> None
        """A run ends when its script ends."""

    def child_run(self, name=None, run_id=None, outputs=None):
        # type: (Any, Any, Any) -> Run
        return self

    def __enter__(self):
        # type: () -> Run
        return self

    def __exit__(self, *_):
        # type: (*Any) -> None
        self.complete()

    def __getattr__(self, name):
        # type: (str) -> Any
        if name.startswith("_"):
            raise AttributeError(name)
        return _refuse("Run.%s" % name)


class Experiment(object):
    """The experiment a run belongs to: its name, and a workspace that cannot be reached."""

    def __init__(self, name):
        # type: (str) -> None
        self.name = name
        self.workspace = Refused("Workspace")


class Refused(object):
    """Stands where the old SDK has something that manages the workspace; every use says why it is refused."""

    def __init__(self, what):
        # type: (str) -> None
        self._what = what

    def __getattr__(self, name):
        # type: (str) -> Any
        if name.startswith("_"):  # copy, pickle and display machinery ask for these
            raise AttributeError(name)
        return _refuse("%s.%s" % (self._what, name))

    def __call__(self, *_, **__):
        # type: (*Any, **Any) -> Any
        return _refuse("%s()" % self._what)


def file_name(name):
    # type: (Any) -> str
    """A relative name with forward slashes, without a way out of its folder; else Fault S022."""
    plain = posixpath.normpath(safe_text(name).replace(u"\\", u"/").replace(u"\0", u"")).lstrip(u"/")
    if plain in (u"", u".") or plain.split(u"/")[0] == u"..":
        what = u"%s is no name for a file of this run." % quoted(name)
        raise Fault("S022", what, u"", u"Use a relative name such as 'graphics/plot.png'.")
    return plain


def _refuse(what):
    # type: (str) -> Any
    message = u"%s is not available inside a script: the sandbox has no connection to the workspace." % what
    fix = (
        u"Connect what the script needs to its input ports, "
        u"and return what it makes through its output ports."
    )
    raise Fault("S020", message, u"", fix)


def _copy(source, target):
    # type: (Any, str) -> None
    if hasattr(source, "read"):
        with _open(target, "wb") as file:
            shutil.copyfileobj(source, file)
    elif isinstance(source, (bytearray, BYTES)) and not _is_path_of_2(source):
        with _open(target, "wb") as file:
            file.write(source)
    else:
        shutil.copyfile(source, target)


def _is_path_of_2(source):
    # type: (Any) -> bool
    """A ``str`` of Python 2 may be a path as well as bytes: a path when there is such a file."""
    return IS_2 and b"\0" not in source and os.path.isfile(source)


def _png(plot):
    # type: (Any) -> Any
    picture = io.BytesIO()
    plot.savefig(picture, format="png")
    picture.seek(0)
    return picture


def _scalar(name, value):
    # type: (Any, Any) -> Any
    """A number, text, truth value or None; numpy's and pandas' own scalars are unpacked."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, INTEGERS):
        return value if abs(value) <= _LARGEST_EXACT else safe_text(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (TEXT, BYTES)):
        return safe_text(value)[:TEXT_LIMIT]
    if hasattr(value, "isoformat"):
        return safe_text(value.isoformat())
    if hasattr(value, "__float__"):
        return _number(float(value))
    what = u"The metric %s has a value of type %s." % (quoted(name), type(value).__name__)
    fix = u"log() takes one number or text; use log_list, log_row or log_table for more."
    raise Fault("S021", what, u"", fix)


def _list(name, values):
    # type: (Any, Any) -> list[Any]
    values = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(values, (TEXT, BYTES, dict)) or not hasattr(values, "__iter__"):
        return [_scalar(name, values)]
    plain = []  # type: list[Any]
    for value in values:
        if len(plain) == ITEMS_LIMIT:
            what = u"The metric %s has more than %d values." % (quoted(name), ITEMS_LIMIT)
            raise Fault("S021", what, u"", u"Return large tables as a dataset instead.")
        plain.append(_scalar(name, value))
    return plain


def _number(value):
    # type: (float) -> Any
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)
