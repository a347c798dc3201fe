"""One task in an old interpreter: from the message to the answer (runner/execute.py)."""

from __future__ import absolute_import, division, print_function

import mmap
import os
import sys
import time
import warnings

from . import console, imports
from .fence import problem_from
from .from_frame import columns_from_frame
from .pickles import dump_object, load_object
from .result import NOTHING, sort_result
from .run_context import Recorder
from .script import SCRIPT_FILE, arguments, entry_point, import_script, write_script
from .table_file import Column, open_table, write_table
from .to_frame import frame_from_columns
from .words import BYTES, IS_2, Fault, safe_text

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

FILE_TYPES = ("File", "Zip", "PlainText")
BUNDLE_PORT = "Script Bundle"
_COPY_BYTES = 1 << 20


class Box(object):
    """One node's work; its state lives in attributes, out of reach of a walk through local variables."""

    def __init__(self, message, descriptors):
        # type: (dict[str, Any], list[int]) -> None
        self.entry = message["entry"]
        self.values = message.get("values") or {}
        self.inputs = [_input(port, item, descriptors) for port, item in message["inputs"].items()]
        self.outputs = [_output(port, item, descriptors) for port, item in message["outputs"].items()]
        self.work = str(message.get("work") or "/work")
        self.budget = (message.get("limits") or {}).get("memory_bytes")
        self.function = str(self.entry.get("function") or "azureml_main")
        self.notices = console.Notices()
        self.recorder = Recorder(self.work)
        self.stored = []  # type: list[Column]
        self.answered = {}  # type: dict[str, Any]
        self.times = [0.0, 0.0, 0.0]
        self.clock = time.time
        self.process = os.getpid()
        self.wants_compatibility = bool(message.get("compatibility"))

    def carry_out(self):
        # type: () -> dict[str, Any]
        """Run the script and write its outputs; the answer. Never raises."""
        problem = reason = None
        started = self.clock()
        try:
            returned = self._run()
            _leave_unless(self.process)
            collecting = self.clock()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a script may have turned warnings into errors
                self._write(sort_result(returned, self.outputs, self.function))
            self.times[2] = self.clock() - collecting
        except BaseException as error:
            trace = sys.exc_info()[2]
            _leave_unless(self.process)
            self.answered = {}
            reason = "no_result" if isinstance(error, Fault) and error.is_no_result else "script_error"
            script = os.path.join(self.work, SCRIPT_FILE)
            problem = problem_from(error, trace, script, self.work, self.function)
            self._say(problem)
        self.times[1] = max(self.clock() - started - self.times[0] - self.times[2], 0.0)
        console.flush()
        return self._answer(problem, reason)

    def _run(self):
        # type: () -> Any
        imports.install(self.recorder, self.notices)
        if self.wants_compatibility:
            self.notices(
                u"The helpers for code of old pandas are not applied: this environment has an old pandas."
            )
        if (self.entry.get("kind"), self.entry.get("language")) != ("script", "python"):
            what = u"No box of an old Python can carry out %s." % safe_text(self.entry.get("kind"))
            raise Fault("S037", what, u"", u"Choose the environment `studio`.")
        module = import_script(write_script(self.values, self.work), self.work)
        main = entry_point(module, self.function)
        ports = [port for port in self.inputs if port["port"] != BUNDLE_PORT and port["type"] != "Zip"]
        return main(*arguments(main, ports, self._value, self.notices))

    def _value(self, port):
        # type: (dict[str, Any]) -> Any
        """What a script gets of a connected port."""
        started = self.clock()
        try:
            if port["type"] == "Dataset":
                rows, columns = open_table(port["file"], port["digest"], port["files"])
                self.stored += columns
                return frame_from_columns(rows, columns, self.notices)
            if port["type"] in FILE_TYPES:
                return "/proc/self/fd/%d" % port["file"]
            return load_object(_content(port["file"]), port["port"])
        finally:
            self.times[0] += self.clock() - started

    def _write(self, contents):
        # type: (list[Any]) -> None
        for output, content in zip(self.outputs, contents):
            if content is NOTHING:
                continue
            try:
                os.ftruncate(output["file"], 0)  # the script holds this descriptor too
                os.lseek(output["file"], 0, os.SEEK_SET)
                self.answered[output["port"]] = self._written(output, content)
            except EnvironmentError as error:
                what = u"The result for '%s' cannot be written: %s." % (output["port"], safe_text(error))
                fix = u"Raise the disk limit of this node, or return less."
                raise Fault("S015", what, output["port"], fix)

    def _written(self, output, content):
        # type: (dict[str, Any], Any) -> dict[str, Any]
        if output["type"] == "Dataset":
            columns = columns_from_frame(content, self.stored, self.budget, self.notices)
            return {"footer": write_table(len(content), columns, output["file"])}
        if output["type"] in FILE_TYPES:
            self._write_file(output, content)
        elif content is None:
            what = u"Nothing was returned for output '%s'." % output["port"]
            raise Fault("S012", what, output["port"], u"Return an object for this port.")
        else:
            _write_all(output["file"], dump_object(content, output["port"]))
        return {"size": os.fstat(output["file"]).st_size}

    def _write_file(self, output, content):
        # type: (dict[str, Any], Any) -> None
        """A file's content: its path below the working folder, or (except for a path of Python 2) bytes."""
        if isinstance(content, bytearray) or (isinstance(content, BYTES) and not self._is_path(content)):
            _write_all(output["file"], bytes(content))
            return
        try:
            path = os.path.realpath(os.path.join(self.work, content))
            if not path.startswith(os.path.realpath(self.work) + os.sep):
                raise IOError("it lies outside the working folder")
            with open(path, "rb") as file:
                for block in iter(lambda: file.read(_COPY_BYTES), b""):
                    _write_all(output["file"], block)
        except (IOError, OSError, TypeError, ValueError, AttributeError) as error:
            what = u"The file for output '%s' cannot be read: %s." % (output["port"], safe_text(error))
            raise Fault("S013", what, output["port"], u"Write the file before you return its path.")

    def _is_path(self, content):
        # type: (Any) -> bool
        return IS_2 and len(content) < 4096 and b"\0" not in content and os.path.exists(
            os.path.join(self.work, content)
        )

    def _say(self, problem):
        # type: (dict[str, Any]) -> None
        if problem["traceback"]:
            console.say(problem["traceback"])
        place = u" [%s]" % problem["where"] if problem["where"] else u""
        console.say(u"Error %s: %s%s %s" % (problem["code"], problem["message"], place, problem["fix"]))

    def _answer(self, problem, reason):
        # type: (Any, Any) -> dict[str, Any]
        if self.recorder.dropped:
            self.notices(u"%d metrics were dropped: too many for one node run." % self.recorder.dropped)
        names = ("stage", "script", "collect")
        return {
            "problem": problem,
            "reason": reason,
            "outputs": self.answered,
            "metrics": self.recorder.metrics,
            "files": self.recorder.files,
            "notices": self.notices.texts,
            "timings_ms": {name: round(spent * 1000, 3) for name, spent in zip(names, self.times)},
        }


def _input(port, item, descriptors):
    # type: (str, Any, list[int]) -> dict[str, Any]
    if item is None:
        return {"port": port, "type": "Dataset", "file": None, "digest": "", "files": {}}
    files = {digest: descriptors[index] for digest, index in (item.get("files") or {}).items()}
    return {
        "port": port,
        "type": item["type"],
        "file": descriptors[item["file"]],
        "digest": item.get("digest", ""),
        "files": files,
    }


def _output(port, item, descriptors):
    # type: (str, dict[str, Any], list[int]) -> dict[str, Any]
    file = descriptors[item["file"]]
    return {"port": port, "type": item["type"], "file": file, "optional": bool(item.get("optional"))}


def _content(descriptor):
    # type: (int) -> bytes
    if not os.fstat(descriptor).st_size:
        return b""
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)[:]


def _write_all(descriptor, content):
    # type: (int, bytes) -> None
    view = memoryview(content)
    while len(view):
        view = view[os.write(descriptor, view) :]


def _leave_unless(process):
    # type: (int) -> None
    """End a child that the script forked and let run on into our lines: the outputs are not its to write."""
    if os.getpid() != process:
        os._exit(0)
