"""The script contract (studio.md 1), the same in every Python: from 2.7 to today's, in real boxes.

Scripts here are written so that every one of them reads them.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.core.environment import STUDIO, STUDIO_27, STUDIO_36, Environment
from skyloom.core.identity import Digest, NodeId, RunId
from skyloom.core.module import ScriptEntry
from skyloom.core.task import Limits, Outcome, Reason, Staged, Task
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import open_table, seal_table, write_table
from skyloom.data.to_frame import frame_from_table
from tests.node_logs import said
from tests.old_pythons import interpreter_of
from tests.strategies import times

pytestmark = [
    pytest.mark.real("sandbox"),
    pytest.mark.real("environment"),
    pytest.mark.xdist_group("old pythons"),
]

ENVIRONMENTS: dict[str, str | Environment] = {
    STUDIO: STUDIO,
    STUDIO_36: STUDIO_36,
    STUDIO_27: STUDIO_27,
    "3.8 with pandas 1.5": Environment("own", "==3.8.*", ("pandas==1.5.3", "numpy<2")),
    "3.9 with pandas 2.2": Environment("own", "==3.9.*", ("pandas==2.2.3",)),
}
USUAL = Limits(timeout_s=60, memory_bytes=1 << 30, disk_bytes=256 << 20)
PNG = (
    "import base64; open('%s', 'wb').write(base64.b64decode('"
    + ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
    + "'))"
)


@dataclass
class Ran:
    outcome: Outcome
    folder: Path
    tables: dict[str, pd.DataFrame]

    @property
    def stdout(self) -> str:
        return said(self.folder, "stdout")

    @property
    def stderr(self) -> str:
        return said(self.folder, "stderr")

    @property
    def frame(self) -> pd.DataFrame:
        assert self.outcome.reason is None, f"{self.outcome.problem}\n{self.stderr}"
        return self.tables["Result Dataset"]


class Studio:
    """Runs Execute Python Script in boxes of one environment."""

    def __init__(self, interpreter: Interpreter, folder: Path) -> None:
        self.interpreter = interpreter
        self._folder = folder
        self._count = 0
        (folder / "store").mkdir()
        self.compute = LocalCompute(str(folder / "boxes"), str(folder / "store"), spares=1)

    def run(
        self,
        script: str,
        *frames: pd.DataFrame | None,
        bundle: Mapping[str, bytes] | None = None,
        linked: bool = False,
        limits: Limits = USUAL,
        canceled: threading.Event | None = None,
    ) -> Ran:
        self._count += 1
        folder = self._folder / f"run-{self._count}"
        folder.mkdir()
        inputs: dict[str, Staged | None] = {"Dataset1": None, "Dataset2": None, "Script Bundle": None}
        sources: dict[str, str] = {}
        for port, frame in zip(inputs, frames):
            if frame is not None:
                inputs[port] = staged = _stored(frame, folder / port)
                sources[staged.digest] = staged.path
        if bundle is not None:
            path = folder / "bundle.zip"
            path.write_bytes(_zipped(bundle))
            inputs["Script Bundle"] = Staged("Zip", str(path), Digest("sha256:" + "0" * 64), "bundle.zip")
        task = Task(
            run=RunId("run"),
            node=NodeId(f"node-{self._count}"),
            attempt=1,
            entry=ScriptEntry("python"),
            values={"Python Script": script},
            inputs=inputs,
            outputs={"Result Dataset": "Dataset", "Result Dataset2": "Dataset"},
            environment=self.interpreter.name,
            optional=frozenset() if linked else frozenset(["Result Dataset2"]),
            folder=str(folder / "kept"),
            limits=limits,
        )
        outcome = self.compute.execute(task, self.interpreter, canceled=canceled or threading.Event())
        tables = {}
        for port, produced in outcome.outputs.items():
            sealed = seal_table(produced.path, produced.footer, sources)
            table = open_table(sources.get(sealed.content_digest, produced.path), sources)
            tables[port] = frame_from_table(table, load_objects=True)
        for descriptor in outcome.descriptors:
            os.close(descriptor)
        return Ran(outcome, folder / "kept", tables)


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def studio(request: pytest.FixtureRequest) -> Iterator[Studio]:
    interpreter = interpreter_of(ENVIRONMENTS[request.param])
    # not below pytest's own folder: its mode keeps the run's user id out at level kernel-filter
    with tempfile.TemporaryDirectory(prefix="skyloom-contract-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        made = Studio(interpreter, Path(folder))
        try:
            if made.compute.proven().best == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield made
        finally:
            made.compute.close()


def _stored(frame: pd.DataFrame, path: Path) -> Staged:
    with open(path, "w+b") as file:
        sealed = seal_table(file.fileno(), write_table(table_from_frame(frame), file.fileno()), {})
    return Staged("Dataset", str(path), sealed.content_digest)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


NUMBERS = pd.DataFrame({"n": [1, 2, 3]})
LETTERS = pd.DataFrame({"s": ["a", "b", "c"]})


def test_its_python_is_the_one_named(studio: Studio) -> None:
    ran = studio.run(
        "import sys\ndef azureml_main(t):\n    print('%d.%d' % sys.version_info[:2])\n    return t,\n",
        NUMBERS,
    )
    assert ran.stdout.strip() == ".".join(studio.interpreter.version.split(".")[:2])
    assert list(ran.frame["n"]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("signature", "seen"),
    [
        ("", "nothing"),
        ("one", "['n'] -"),
        ("one, two", "['n'] ['s']"),
        ("one=None, two=None", "['n'] ['s']"),
        ("*all", "['n'] -"),
        ("one, **more", None),
    ],
)
def test_parameters_get_the_inputs_by_place(studio: Studio, signature: str, seen: str | None) -> None:
    script = f"""
import pandas as pd
def shown(table):
    return '-' if table is None else str([str(name) for name in table.columns])
def azureml_main({signature}):
    known = list(locals().values())
    values = list(locals().get('all', ())) or [locals().get('one'), locals().get('two')]
    print('nothing' if not {signature!r} else ' '.join(shown(value) for value in (values + [None])[:2]))
    return pd.DataFrame({{'a': [1]}})
"""
    ran = studio.run(script, NUMBERS, LETTERS)
    if seen is None:  # two parameters, of which the second takes no position
        assert ran.outcome.problem is not None and "TypeError" in ran.outcome.problem.message
    else:
        assert ran.stdout.strip() == seen, ran.stderr


def test_one_parameter_gets_the_first_connected_input(studio: Studio) -> None:
    ran = studio.run("def azureml_main(table):\n    return table,\n", None, LETTERS)
    assert list(ran.frame["s"]) == ["a", "b", "c"]


def test_an_unconnected_input_is_none_and_a_lone_second_one_is_said(studio: Studio) -> None:
    ran = studio.run("def azureml_main(a, b):\n    assert a is None\n    return b,\n", None, LETTERS)
    assert list(ran.frame["s"]) == ["a", "b", "c"]
    assert ran.outcome.notices[0].startswith("Only Dataset2 is connected")


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("table", ["n"]),
        ("(table,)", ["n"]),
        ("[table]", ["n"]),
        ("(table, table[['n']], 3)", ["n"]),
        ("{'a': [1, 2]}", ["a"]),
        ("table['n']", ["n"]),
        ("pd.Series([1.5])", ["column"]),
        ("np.arange(6).reshape(3, 2)", ["column_0", "column_1"]),
        ("np.arange(3)", ["column"]),
        ("[1, 2]", ["column"]),
        ("(None, table)", []),
    ],
)
def test_what_is_returned_becomes_a_table(studio: Studio, expression: str, columns: list[str]) -> None:
    script = f"import numpy as np, pandas as pd\ndef azureml_main(table):\n    return {expression}\n"
    assert list(studio.run(script, NUMBERS).frame.columns) == columns


def test_the_second_port_takes_the_second_element_or_is_empty_where_linked(studio: Studio) -> None:
    two = studio.run("def azureml_main(a, b):\n    return a, b\n", NUMBERS, LETTERS)
    assert list(two.tables["Result Dataset2"]["s"]) == ["a", "b", "c"]
    one = studio.run("def azureml_main(a):\n    return a\n", NUMBERS, linked=True)
    assert one.tables["Result Dataset2"].shape == (0, 0)
    assert "Result Dataset2" not in studio.run("def azureml_main(a):\n    return a\n", NUMBERS).tables


@pytest.mark.parametrize("expression", ["None", "3", "()", "[]", "(None,)", "(i for i in [1])", "[[1], [2]]"])
def test_what_is_no_table_is_refused(studio: Studio, expression: str) -> None:
    ran = studio.run(f"def azureml_main():\n    return {expression}\n")
    assert ran.outcome.reason == Reason.NO_RESULT
    assert ran.outcome.problem is not None and ran.outcome.problem.code == "S010"


def test_an_error_names_the_line_and_the_log_has_the_whole_traceback(studio: Studio) -> None:
    script = """
def inner(value):
    return {}[value]

def azureml_main(table):
    return inner('missing')
"""
    ran = studio.run(script, NUMBERS)
    problem = ran.outcome.problem
    assert ran.outcome.reason == Reason.SCRIPT_ERROR and problem is not None
    assert (problem.code, problem.where) == ("S001", "user_script.py:3")
    assert "azureml_main failed at line 6: 'KeyError: " in problem.message
    assert problem.traceback.splitlines()[0] == "Traceback (most recent call last):"
    assert "line 6, in azureml_main" in problem.traceback.splitlines()[1]
    assert "return {}[value]" in problem.traceback
    assert "skyloom" not in problem.traceback
    assert problem.traceback in ran.stderr


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("def azureml_main(:\n    pass\n", "S002", "cannot be read"),
        ("import no_such_module_at_all\n", "S001", "outside azureml_main"),
        ("def azureml_mian():\n    pass\n", "S003", "defines no function azureml_main"),
        ("azureml_main = 3\n", "S003", "not a function"),
        ("import sys\ndef azureml_main():\n    sys.exit(0)\n", "S001", "SystemExit"),
        ("def azureml_main():\n    raise KeyboardInterrupt()\n", "S001", "KeyboardInterrupt"),
        ("def azureml_main(a, b, c):\n    pass\n", "S001", "TypeError"),
    ],
)
def test_every_way_to_fail_is_worded(studio: Studio, script: str, code: str, message: str) -> None:
    problem = studio.run(script).outcome.problem
    assert problem is not None
    assert problem.code == code and message in problem.message
    assert problem.fix


def test_an_error_with_text_beyond_ascii_is_told_whole(studio: Studio) -> None:
    script = "# coding: utf-8\ndef azureml_main():\n    raise ValueError(u'caf\\u00e9')\n"
    problem = studio.run(script).outcome.problem
    assert problem is not None and "café" in problem.message


def test_what_is_printed_is_kept_in_utf_8_and_in_order(studio: Studio) -> None:
    script = """
from __future__ import print_function
import os, sys
def azureml_main(table):
    print(u'caf\\u00e9')
    print('to the log', file=sys.stderr)
    sys.stdout.flush()
    os.system('echo from a program')
    print('last')
    return table,
"""
    ran = studio.run(script, NUMBERS)
    assert ran.stdout.splitlines() == ["café", "from a program", "last"]
    assert "to the log" in ran.stderr


def test_the_bundle_is_importable_and_lies_in_its_folder(studio: Studio) -> None:
    script = """
import helper
note = open('./Script Bundle/note.txt').read()
def azureml_main(table):
    print(helper.greet(), note, open('Script Bundle/sub/more.txt').read())
    return table,
"""
    files = {
        "helper.py": b"def greet():\n    return 'hello'\n",
        "note.txt": b"a note",
        "sub/more.txt": b"more",
    }
    said = studio.run("from __future__ import print_function\n" + script, NUMBERS, bundle=files).stdout
    assert said.strip() == "hello a note more"


def test_images_are_kept_even_when_the_script_fails(studio: Studio) -> None:
    script = f"def azureml_main():\n    {PNG % 'b.png'}\n    {PNG % 'a.PNG'}\n    raise ValueError('late')\n"
    ran = studio.run(script)
    assert [os.path.basename(path) for path in ran.outcome.images] == ["0000-b.png", "0001-a.png"]


def test_the_run_of_the_old_sdk_records_here(studio: Studio) -> None:
    script = f"""
from azureml.core import Run
from azureml.core.run import Run as Same
import numpy as np, pandas as pd
run = Run.get_context(allow_offline=True)
def azureml_main(table):
    assert Run.get_context() is run and Same is Run
    run.log('accuracy', np.float64(0.5))
    run.log('accuracy', 1)
    run.parent.log('whole', u'caf\\u00e9')
    run.log_list('list', [1, float('nan')])
    run.log_row('row', x=1, y='b')
    run.log_table('table', pd.DataFrame({{'a': [1, 2]}}))
    {PNG % "plot.png"}
    run.upload_file('graphics/plot.png', 'plot.png')
    run.tag('k', 'v')
    try:
        run.experiment.workspace.get_default_datastore()
    except Exception as error:
        print(error)
    return table,
"""
    ran = studio.run(script, NUMBERS)
    assert ran.outcome.reason is None, ran.stderr
    assert ran.outcome.metrics == (
        ("accuracy", 0.5),
        ("accuracy", 1),
        ("whole", "café"),
        ("list", [1, "NaN"]),
        ("row", {"x": 1, "y": "b"}),
        ("table", {"a": [1, 2]}),
    )
    assert [os.path.relpath(path, ran.folder) for path in ran.outcome.files] == ["files/graphics/plot.png"]
    assert "no connection to the workspace" in ran.stdout


def test_plots_need_no_screen(studio: Studio) -> None:
    script = """
import pandas as pd
def azureml_main(table):
    try:
        import matplotlib
    except ImportError:
        print('no matplotlib here')
        return table,
    matplotlib.use('TkAgg')
    import matplotlib.pyplot as plt
    table.plot()
    plt.savefig('plot.png')
    return table,
"""
    ran = studio.run(script, NUMBERS)
    assert ran.outcome.reason is None, ran.stderr
    if "no matplotlib" not in ran.stdout:
        assert [os.path.basename(path) for path in ran.outcome.images] == ["0000-plot.png"]
        assert any("TkAgg" in notice for notice in ran.outcome.notices)


def test_types_come_back_as_they_went(studio: Studio) -> None:
    frame = pd.DataFrame(
        {
            "Integer": [1, 2],
            "Double": [0.5, np.nan],
            "Boolean": [True, False],
            "gaps": pd.Series([True, None], dtype=object),
            "String": ["é", None],
            "DateTime": times("2020-01-01", None).as_unit("ns"),
            "zone": times("2020-01-01", None).as_unit("ns").tz_localize("Europe/Paris"),
            "TimeSpan": pd.to_timedelta([1, None], unit="s").as_unit("ns"),
            "Categorical": pd.Categorical(["x", None]),
            "bytes": pd.Series([b"\x80", None], dtype=object),
            "list": pd.Series([[1], None], dtype=object),
        }
    )
    script = """
def azureml_main(table):
    changed = table.copy()
    changed['Integer'] = changed['Integer'] + 1
    changed['more'] = changed['String'].isnull()
    return changed.iloc[::-1],
"""
    back = studio.run(script, frame).frame
    expected = (
        frame.assign(Integer=frame["Integer"] + 1, more=[False, True]).iloc[::-1].reset_index(drop=True)
    )
    today: Any = frame_from_table(table_from_frame(expected), load_objects=True)
    pd.testing.assert_frame_equal(back, today)


def test_index_is_counted_in_and_dropped_out_and_names_are_text(studio: Studio) -> None:
    script = """
import pandas as pd
def azureml_main(table):
    print(list(table.index))
    made = pd.DataFrame([[1, 2, 3]], index=['x'])
    made.columns = ['a', 'a', 1]
    return made,
"""
    ran = studio.run(script, NUMBERS.set_index(pd.Index([7, 8, 9])))
    assert ran.stdout.strip() == "[0, 1, 2]"
    assert list(ran.frame.columns) == ["a", "a(2)", "1"]


def test_a_box_is_shut_whatever_python_runs_in_it(studio: Studio) -> None:
    script = """
from __future__ import print_function
import os, socket
def tried(what, action):
    try:
        action()
        print(what, 'done')
    except Exception as error:
        print(what, 'refused')
def azureml_main(table):
    tried('socket', lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(('127.0.0.1', 22)))
    tried('shadow', lambda: open('/etc/shadow').read())
    tried('system', lambda: open('/usr/skyloom', 'w'))
    tried('home', lambda: os.listdir('/root'))
    tried('work', lambda: open('own', 'w').write('x'))
    print(sorted(name for name in os.environ if name.startswith(('AZURE', 'AWS', 'SKYLOOM'))))
    return table,
"""
    said = studio.run(script, NUMBERS).stdout.splitlines()
    assert said == ["socket refused", "shadow refused", "system refused", "home refused", "work done", "[]"]


def test_limits_hold_whatever_python_runs(studio: Studio) -> None:
    slow = studio.run("while True:\n    pass\n", limits=Limits(timeout_s=1.5))
    assert slow.outcome.reason == Reason.TIMEOUT
    hungry = "def azureml_main():\n    kept = []\n    while True:\n        kept.append(bytearray(1 << 24))\n"
    large = studio.run(hungry, limits=Limits(timeout_s=60, memory_bytes=256 << 20))
    assert large.outcome.reason == Reason.MEMORY


def test_a_cancel_ends_it(studio: Studio) -> None:
    canceled = threading.Event()
    timer = threading.Timer(0.5, canceled.set)
    timer.start()
    ran = studio.run("import time\ntime.sleep(60)\n", canceled=canceled)
    timer.join()
    assert ran.outcome.reason == Reason.CANCELED


def test_a_process_that_ends_itself_gives_no_result(studio: Studio) -> None:
    ran = studio.run("import os\ndef azureml_main():\n    os._exit(0)\n")
    assert ran.outcome.reason == Reason.NO_RESULT
    assert ran.outcome.problem is not None and ran.outcome.problem.code == "C009"
    killed = studio.run("import os\ndef azureml_main():\n    os.kill(os.getpid(), 9)\n")
    assert killed.outcome.reason == "signal:SIGKILL"
