from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

Run = Callable[..., Any]
FRAME = pd.DataFrame({"a": [1]})


def test_both_streams_are_kept_in_utf_8(run_script: Run) -> None:
    ran = run_script(
        "import sys\ndef azureml_main(a):\n    print('día 字')\n"
        "    print('née', file=sys.stderr)\n    return a,",
        FRAME,
    )
    assert ran.stdout == "día 字\n" and ran.stderr == "née\n"


def test_what_utf_8_cannot_say_is_escaped(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    print('log \\udc80 line')\n    return a,", FRAME)
    assert ran.stdout == "log \\udc80 line\n"


def test_a_line_leaves_as_it_ends(run_script: Run) -> None:
    ran = run_script(
        """
        import os
        def azureml_main(a):
            print("before the fall")
            return a.assign(size=os.fstat(1).st_size),
        """,
        FRAME,
    )
    assert ran.frame()["size"].tolist() == [len("before the fall\n")]


def test_an_unfinished_line_is_not_lost(run_script: Run) -> None:
    ran = run_script("def azureml_main(a):\n    print('no end', end='')\n    return a,", FRAME)
    assert ran.stdout == "no end"


def test_raw_writes_and_child_processes_share_the_streams(run_script: Run) -> None:
    text = """
        import os, subprocess, sys
        def azureml_main(a):
            print("one")
            os.write(1, b"two\\n")
            subprocess.run([sys.executable, "-c", "print('three')"], check=True)
            sys.stdout.buffer.write(b"four\\n")
            return a,
        """
    assert run_script(text, FRAME).stdout.splitlines() == ["one", "two", "three", "four"]


def test_a_failure_reaches_the_log_past_a_closed_stream(run_script: Run) -> None:
    ran = run_script(
        "import sys\ndef azureml_main(a):\n    sys.stderr.close()\n    raise ValueError('late')", FRAME
    )
    assert "ValueError: late" in ran.stderr
