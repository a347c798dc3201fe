"""A step that starts warm and one that starts cold: the script cannot tell them apart."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import NodeId, RunId, digest_of_bytes
from skyloom.core.module import CommandEntry
from skyloom.core.task import Command, Outcome, Staged, Task
from skyloom.runner.warm_step import COLD, why_cold
from tests.compute.boxes import CURRENT, USUAL, Boxes
from tests.node_logs import said

# everything that a script can see of its start, but what is another each time
PROBE = """
import builtins, json, locale, os, random, signal, sys, threading
main = sys.modules["__main__"]
seen = {
    "argv": sys.argv, "orig_argv": getattr(sys, "orig_argv", None), "path": sys.path,
    "name": __name__, "file": __file__, "cwd": os.getcwd(), "environ": dict(os.environ),
    "main": sorted(name for name in vars(main) if name.startswith("__")),
    "builtins": __builtins__ is builtins, "spec": getattr(main, "__spec__", None),
    "flags": [sys.flags.isolated, sys.flags.ignore_environment, sys.flags.no_site, sys.flags.no_user_site,
              sys.flags.dont_write_bytecode, sys.flags.utf8_mode],
    "no bytecode": sys.dont_write_bytecode, "executable": sys.executable, "prefix": sys.prefix,
    "streams": [(s.encoding, s.errors, s.line_buffering, s.fileno(), s.name, s.mode, s.isatty())
                for s in (sys.stdout, sys.stderr, sys.stdin)],
    "originals": [sys.__stdout__ is sys.stdout, sys.__stderr__ is sys.stderr, sys.__stdin__ is sys.stdin],
    "encoding": [sys.getdefaultencoding(), sys.getfilesystemencoding()],
    "preferred": locale.getpreferredencoding().upper(),
    "hooks": [sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__],
    "signals": [str(signal.getsignal(n)) for n in (2, 13, 15, 17)],
    "threads": [t.name for t in threading.enumerate()],
    "is main": threading.current_thread() is threading.main_thread(),
    "umask": os.umask(0o022), "stdin": sys.stdin.read(), "trace": sys.gettrace(), "profile": sys.getprofile(),
    "names": sorted(os.listdir(".")),
    "finders": [type(f).__name__ for f in sys.meta_path if type(f).__module__ != "six"],
    "warnings": sys.warnoptions, "interval": sys.getswitchinterval(),
}
def deep(n):
    try:
        return deep(n + 1)
    except RecursionError:
        return n
json.dump({**seen, "deep": deep(0) // 20}, open("outputs/seen.json", "w"), default=str, sort_keys=True)
"""

# each leaves something that an interpreter does at its end only
ENDS = {
    "a thread": """
        
                import threading, time
                threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()
            
    """,
    "an exit hook": """
        
                import atexit
                atexit.register(print, 'hook')
                print('first')
            
    """,
    "a file left open": """
        
                import io
                kept = open('outputs/o.txt', 'w')
                kept.write('abc')
                print('open')
            
    """,
    "an object": """
        
                class A:
                    def __del__(self):
                        print('gone', json.dumps(1))
                import json
                a = A()
                a.me = a
            
    """,
    "nothing of it": """
        
                import os
                print('x', end='')
                os._exit(0)
            
    """,
    "a code": """
        
                import sys
                sys.exit(3)
            
    """,
    "a large code": """
        
                import sys
                sys.exit(256 + 7)
            
    """,
    "a text": """
        
                import sys
                sys.exit('not today')
            
    """,
    "true": """
        
                import sys
                sys.exit(True)
            
    """,
    "a code by force": """
        
                import os
                os._exit(5)
            
    """,
    "a signal": """
        
                import os, signal
                os.kill(os.getpid(), signal.SIGSEGV)
            
    """,
    "another program": """
        
                import os
                os.execv('/bin/sh', ['sh', '-c', 'echo other; exit 4'])
            
    """,
    "an exception": """
        
                def f():
                    raise ValueError('no data')
                f()
            
    """,
    "an exception of its own hook": """
        
                import sys
                sys.excepthook = lambda *a: print('hook', a[0].__name__, a[2].tb_lineno)
                1 / 0
            
    """,
    "a bad hook": """
        
                import sys
                def h(*a):
                    raise KeyError('h')
                sys.excepthook = h
                1 / 0
            
    """,
    "syntax": "def (",
    "an old spelling": "print 1",
    "a closed stream": """
        
                import sys
                print('a')
                sys.stdout.close()
            
    """,
    "a child that comes back": """
        
                import os, sys
                pid = os.fork()
                print('child' if not pid else os.waitpid(pid, 0)[1])
                if not pid:
                    sys.exit(9)
            
    """,
    "every descriptor closed": """
        
                import os
                print('closing', flush=True)
                os.closerange(3, 300)
            
    """,
    "rewired": """
        
                import builtins, os, json, gc
                print('r', flush=True)
                gc.collect = os.getpid = json.dumps = builtins.print = builtins.open = None
            
    """,
    "metrics": """
        
                from azureml.core import Run
                run = Run.get_context()
                run.log('n', 1.5)
                print(run.id)
                import os; os._exit(0)
            
    """,
}


STARTS = ("cold", "lean", "warm")  # an interpreter, a fork that has the standard library, one that has pandas


@dataclass(frozen=True)
class Ran:
    outcome: Outcome
    folder: Path

    @property
    def told(self) -> tuple[object, ...]:
        return self.outcome.reason, self.outcome.problem, self.outcome.metrics, self.outcome.files

    @property
    def said(self) -> tuple[str, str]:
        return said(self.folder, "stdout"), said(self.folder, "stderr")


class Steps:
    """Runs scripts as steps."""

    def __init__(self, boxes: Boxes, folder: Path) -> None:
        self._boxes = boxes
        self._folder = folder
        self._count = 0

    def run(
        self,
        script: str,
        start: str,
        level: str | None = None,
        more: Mapping[str, str] | None = None,
        keeps_locals: bool = False,
    ) -> Ran:
        self._count += 1
        folder = self._folder / f"step-{self._count}"
        folder.mkdir()
        text = dedent(script) + ("\n# for pandas" if start == "warm" else "")
        files = {"src/train.py": text, **(more or {})}
        staged, listed = {}, []
        for name, text in files.items():
            digest = digest_of_bytes(text.encode())
            (folder / digest[7:]).write_text(text)
            staged[str(digest)] = str(folder / digest[7:])
            listed.append(FolderFile(name, digest, len(text), False))
        content = Folder(tuple(listed)).as_bytes()
        (folder / "list").write_bytes(content)
        snapshot = Staged("Folder", str(folder / "list"), digest_of_bytes(content), "snapshot", staged)
        variables = {
            "AZUREML_RUN_ID": "the-step",
            "COLOUR": "red",
            **({COLD: "1"} if start == "cold" else {}),
        }
        argv = ("src/train.py", "--x", "1 2")
        task = Task(
            run=RunId("run"),
            node=NodeId("node"),
            attempt=1,
            entry=CommandEntry(snapshot=snapshot.digest, argv=argv, language="python"),
            values={},
            inputs={},
            outputs={},
            environment="current",
            optional=frozenset(),
            folder=str(folder / "kept"),
            limits=USUAL,
            isolation=level,
            command=Command(snapshot, argv, variables, {}, {}),
            keeps_locals=keeps_locals,
        )
        outcome = self._boxes.compute.execute(task, CURRENT, canceled=threading.Event())
        return Ran(outcome, folder / "kept")


@pytest.fixture
def steps(boxes: Boxes, tmp_path: Path) -> Steps:
    return Steps(boxes, tmp_path)


def test_a_script_sees_the_same_start(steps: Steps, level: str) -> None:
    seen = []
    for start in STARTS:
        ran = steps.run(PROBE, start, level=level)
        assert ran.outcome.problem is None, ran.said
        text = (ran.folder / "files" / "outputs" / "seen.json").read_text()
        found = json.loads(re.sub(r"/boxes/[0-9]+-[0-9a-f]+/", "/boxes/BOX/", text))
        found["environ"].pop(COLD, None)
        seen.append(found)
    assert seen[0] == seen[1]
    assert seen[0] == seen[2]


@pytest.mark.parametrize("start", STARTS)
def test_a_step_that_fails_tells_what_its_variables_held(steps: Steps, start: str) -> None:
    failing = """
        def share(part, whole):
            return part / whole
        total = 0
        share(41, total)
    """
    ran = steps.run(failing, start, keeps_locals=True)
    told = json.loads((ran.folder / ran.outcome.locals).read_text())
    module, share = told["errors"][0]["frames"]
    assert (share["function"], share["locals"]) == ("share", [["part", "int", "41"], ["whole", "int", "0"]])
    assert module["locals"] == [["total", "int", "0"]] and module["file"].endswith("src/train.py")
    assert steps.run(failing, start).outcome.locals == ""


@pytest.mark.parametrize("end", ENDS)
def test_a_script_ends_the_same(steps: Steps, end: str) -> None:
    cold, *warm = (steps.run(ENDS[end], start) for start in STARTS)
    for one in warm:
        assert one.told == cold.told
        assert one.said[0] == cold.said[0]
        assert _plain(one.said[1]) == _plain(cold.said[1])
        for name in cold.outcome.files:
            assert _kept(one, name) == _kept(cold, name)


def test_a_warm_step_has_its_libraries_loaded_and_a_cold_one_has_not(steps: Steps) -> None:
    script = "import sys\nprint('pandas' in sys.modules)"
    assert "False" in steps.run(script, "cold").said[0]
    assert "True" in steps.run(script, "warm").said[0]


def test_random_numbers_are_fresh(steps: Steps) -> None:
    script = "import random, numpy, sys\nprint(random.random(), numpy.random.rand(), file=sys.stderr)"
    assert steps.run(script, "warm").said[1] != steps.run(script, "warm").said[1]


def test_a_file_that_goes_before_a_library_is_what_is_imported(steps: Steps) -> None:
    more = {"src/queue.py": "WORD = 'mine'", "src/numpy/__init__.py": "WORD = 'own'", "src/data/a.csv": "1"}
    ran = steps.run("import queue, numpy\nprint(queue.WORD, numpy.WORD)", "warm", more=more)
    assert "mine own" in ran.said[0]


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"PYTHONHASHSEED": "0"}, "PYTHONHASHSEED"),
        ({"OMP_NUM_THREADS": "4"}, "OMP_NUM_THREADS"),
        ({"TZ": "Europe/Paris"}, "TZ"),
        ({"A": "b\0"}, "'A'"),
        ({COLD: "1"}, COLD),
        ({"AZUREML_RUN_ID": "x"}, ""),
    ],
)
def test_what_is_read_at_the_start_makes_a_step_cold(
    tmp_path: Path, variables: dict[str, str], why: str
) -> None:
    found = why_cold({"language": "python", "argv": ["train.py"], "variables": variables}, str(tmp_path))
    assert (why in found) if why else not found


def test_a_file_of_settings_makes_a_step_cold(tmp_path: Path) -> None:
    entry = {"language": "python", "argv": ["train.py"], "variables": {}}
    (tmp_path / "matplotlibrc").touch()
    assert "matplotlibrc" in why_cold(entry, str(tmp_path))
    assert why_cold({**entry, "language": "program"}, str(tmp_path))


def _kept(ran: Ran, name: str) -> str:
    return (ran.folder / "files" / name).read_text()


def _plain(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
