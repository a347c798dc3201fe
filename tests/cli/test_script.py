from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace

from .commands import MAIN, Commands

KEYS = {
    "run",
    "state",
    "reason",
    "isolation",
    "problem",
    "outputs",
    "images",
    "stdout",
    "stderr",
    "metrics",
    "timings_ms",
}
GOOD = """
import sys
print("hello"); print("careful", file=sys.stderr)
open("result.csv", "w").write("a,b\\n1,2\\n")
open("plot.png", "wb").write(b"png")
"""


def test_the_console_the_result_and_the_images_are_brought_home(skyloom: Commands) -> None:
    script = skyloom.write("good.py", GOOD)
    said = skyloom("script", "run", script, "--output", "out.csv", "--images", "pictures/new")
    assert (said.code, said.out) == (0, "hello\n")
    assert "careful\n" in said.err and "completed" in said.err
    assert (skyloom.folder / "out.csv").read_text() == "a,b\n1,2\n"
    assert (skyloom.folder / "pictures" / "new" / "plot.png").read_bytes() == b"png"


def test_quiet_leaves_the_console_alone(skyloom: Commands) -> None:
    said = skyloom("script", "run", skyloom.write("good.py", GOOD), "--quiet")
    assert (said.out, said.err) == ("hello\n", "careful\n")


def test_json_is_one_strict_object_with_every_key(skyloom: Commands) -> None:
    said = skyloom("script", "run", skyloom.write("good.py", GOOD), "--json")
    assert said.code == 0
    assert said.json.keys() >= KEYS
    assert (said.json["state"], said.json["reason"], said.json["problem"]) == ("completed", None, None)
    assert Path(said.json["outputs"]["Result Dataset"]).read_text() == "a,b\n1,2\n"
    assert Path(said.json["stdout"]).read_text() == "hello\n"
    assert said.json["metrics"]["loss"] is None


def test_inputs_are_linked_in_the_order_of_the_ports(skyloom: Commands) -> None:
    script = skyloom.write("s.py", "import sys; print([open(p, 'rb').read()[:2] for p in sys.argv[1:]])")
    one, two = skyloom.write("1.csv", "1;"), skyloom.write("2.csv", "2;")
    bundle = skyloom.write("b.zip", b"PK\x05\x06" + bytes(18))
    said = skyloom("script", "run", script, "--dataset2", two, "--dataset1", one, "--bundle", bundle)
    assert said.out == "[b'1;', b'2;', b'PK']\n"


def test_a_script_that_fails_ends_with_1_and_its_problem(skyloom: Commands) -> None:
    script = skyloom.write("bad.py", "raise ValueError('no')")
    said = skyloom("script", "run", script, "--output", "never.csv")
    assert said.code == 1
    assert "S001" in said.err and "failed (script_error)" in said.err
    assert said.err.count("Traceback") == 1
    assert not (skyloom.folder / "never.csv").exists()
    told = skyloom("script", "run", script, "--json")
    assert (told.code, told.json["state"], told.json["reason"]) == (1, "failed", "script_error")
    assert told.json["problem"]["traceback"]


def test_a_time_limit_ends_with_6(skyloom: Commands) -> None:
    script = skyloom.write("slow.py", "import time; time.sleep(60)")
    said = skyloom("script", "run", script, "--timeout", "0.3", "--json")
    assert (said.code, said.json["reason"]) == (6, "timeout")


def test_a_refused_input_is_a_rejected_run(skyloom: Commands) -> None:
    script, bundle = skyloom.write("s.py", ""), skyloom.write("b.zip", "no zip")
    said = skyloom("script", "run", script, "--bundle", bundle, "--json")
    assert said.code == 1
    assert said.json.keys() >= KEYS
    assert (said.json["run"], said.json["state"], said.json["reason"]) == (None, "failed", "rejected")
    assert said.json["problem"]["code"] == "D100"
    plain = skyloom("script", "run", script, "--bundle", bundle)
    assert plain.code == 1 and plain.err.startswith("D100: 'b.zip' is not a zip file.")


@pytest.mark.parametrize(
    "words", [("no.py",), ("s.py", "--dataset1", "no.csv"), ("s.py", "--bundle", "no.zip")]
)
def test_a_missing_file_is_not_found(skyloom: Commands, words: tuple[str, ...]) -> None:
    skyloom.write("s.py", "")
    said = skyloom("script", "run", *words, "--json")
    assert (said.code, said.json["problem"]["code"]) == (3, "A021")


def test_a_script_may_declare_its_encoding(skyloom: Commands) -> None:
    script = skyloom.write("s.py", "# coding: latin-1\nprint(ascii('é'))".encode("latin-1"))
    assert skyloom("script", "run", script).out == "'\\xe9'\n"
    said = skyloom("script", "run", skyloom.write("t.py", b"x = '\xe9'"), "--json")
    assert (said.code, said.json["problem"]["code"]) == (1, "A023")


def test_a_result_that_is_not_there_cannot_be_written(skyloom: Commands) -> None:
    said = skyloom("script", "run", skyloom.write("s.py", ""), "--output", "out.csv")
    assert said.code == 1 and "A025" in said.err


def test_a_place_that_cannot_be_written_is_told(skyloom: Commands) -> None:
    said = skyloom("script", "run", skyloom.write("good.py", GOOD), "--output", "no/folder/out.csv")
    assert said.code == 1 and "A022" in said.err


def test_the_console_comes_while_the_script_runs(skyloom: Commands) -> None:
    script = skyloom.write("slow.py", "import time; print('first', flush=True); time.sleep(60)")
    process = skyloom.start("script", "run", script)
    assert process.stdout is not None
    assert process.stdout.readline() == "first\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_interrupt_cancels_the_run_and_leaves_nothing_behind(
    skyloom: Commands, wish: signal.Signals, form: tuple[str, ...]
) -> None:
    name = f"slow-{wish}{''.join(form)}"  # one that waits on its own run whatever became of another
    script = skyloom.write(f"{name}.py", "import time; open('marker', 'w'); time.sleep(60)")
    process = skyloom.start("script", "run", script, *form)
    api = HttpWorkspace(AgentPlace(str(skyloom.home)))
    while not (newest := api.runs(limit=1)) or newest[0].experiment != name or newest[0].state != "running":
        time.sleep(0.02)
    process.send_signal(wish)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert api.run(newest[0].id).state == "canceled"
    if form:
        assert out.count("\n") == 1 and '"state":"canceled"' in out
    else:
        assert "canceled" in err


def test_an_interrupt_counts_even_where_a_shell_had_it_ignored(skyloom: Commands) -> None:
    script = skyloom.write("slow.py", "import time; print('on', flush=True); time.sleep(60)")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = skyloom.start("script", "run", script)
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdout is not None and process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_controls_are_escaped_on_a_terminal_and_kept_in_files(skyloom: Commands) -> None:
    script = skyloom.write("s.py", "print('\\x1b[2J\\u202ex')")
    assert "\x1b[2J\u202ex" in skyloom("script", "run", script).out
    shown = skyloom.on_terminal("script", "run", script).out
    assert "\\x1b[2J\\u202ex" in shown
    assert "\x1b[2J" not in shown and "\u202e" not in shown


def test_bytes_that_are_no_text_pass_through_unharmed(skyloom: Commands) -> None:
    script = skyloom.write("s.py", "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')")
    done = subprocess.run([*MAIN, "script", "run", script], env=skyloom.env(), capture_output=True)
    assert done.stdout == b"\xff\xfe"
    assert "\\xff\\xfe" in skyloom.on_terminal("script", "run", script).out


def test_limits_and_choices_reach_the_run(skyloom: Commands) -> None:
    options = (
        "--timeout 2m --memory 1GiB --processes 7 --disk 3MB --log 1k --isolation none --environment current"
    )
    script = skyloom.write("s.py", "")
    run = skyloom("script", "run", script, *options.split(), "--compatibility", "off", "--json").json["run"]
    found = HttpWorkspace(AgentPlace(str(skyloom.home))).run(run).options
    limits = found.limits
    assert (limits.timeout_s, limits.memory_bytes, limits.processes) == (120.0, 1024**3, 7)
    assert (limits.disk_bytes, limits.log_bytes) == (3_000_000, 1024)
    assert (found.isolation, found.environment, found.compatibility) == ("none", "current", False)


def test_what_is_not_said_has_the_promised_defaults(skyloom: Commands) -> None:
    run = skyloom("script", "run", skyloom.write("s.py", ""), "--json").json["run"]
    found = HttpWorkspace(AgentPlace(str(skyloom.home))).run(run).options
    limits = found.limits
    assert limits.timeout_s is None and limits.memory_bytes is not None and limits.memory_bytes > 2**28
    assert (limits.processes, limits.disk_bytes, limits.log_bytes) == (256, 2 * 1024**3, 10_000_000)
    assert (found.isolation, found.environment, found.compatibility) == (None, None, None)
    assert found.regenerate  # a script that is run is run
