"""A step's process as the box's runner starts it: a real interpreter, started cold, in a folder."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import pytest

from skyloom.core.problem import ProblemError
from skyloom.runner.command import call_command
from skyloom.runner.message import Job, read_message
from skyloom.runner.run_context import Recorder


def job(tmp_path: Path, script: str, *words: str, language: str = "python", **variables: str) -> Job:
    step = tmp_path / "step"
    step.mkdir(exist_ok=True)
    (step / "train.py").write_text(dedent(script))
    argv = [*words] if language == "program" else ["train.py", *words]
    entry = {"kind": "command", "language": language, "argv": argv, "shown": argv, "variables": variables}
    message = {"entry": entry, "inputs": {}, "outputs": {}, "work": str(tmp_path)}
    return read_message({**message, "compatibility": "OLD_NAMES" in variables}, [])


def run(tmp_path: Path, script: str, *words: str, language: str = "python", **variables: str) -> Recorder:
    recorder = Recorder(str(tmp_path), lambda text: None)
    assert call_command(job(tmp_path, script, *words, language=language, **variables), recorder) == ()
    return recorder


def test_a_script_is_main_in_its_folder_with_its_arguments(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "step").mkdir()
    (tmp_path / "step" / "near.py").write_text("WORD = 'near'")
    run(
        tmp_path,
        """
        import os, sys, near
        assert __name__ == "__main__" and __file__ == "train.py"
        print(sys.argv, os.path.basename(os.getcwd()), near.WORD, os.environ["COLOUR"])
        assert os.path.isdir("outputs") and os.path.isdir("logs")
        """,
        "--x",
        "1 2",
        COLOUR="red",
    )
    out = capfd.readouterr().out
    assert "['train.py', '--x', '1 2'] step near red" in out
    assert "Step command, as started: train.py --x '1 2'" in out


def test_what_is_logged_and_uploaded_comes_back(tmp_path: Path) -> None:
    recorder = run(
        tmp_path,
        """
        from azureml.core import Run
        from azureml.core.run import Run as Same
        run = Run.get_context()
        assert run is Same.get_context() and run.id == "the-step"
        run.log("loss", 0.5)
        run.log("loss", 0.25)
        open("report.txt", "w").write("fine")
        run.upload_file("outputs/report.txt", "report.txt")
        """,
        AZUREML_RUN_ID="the-step",
    )
    assert recorder.metrics == [("loss", 0.5), ("loss", 0.25)]
    assert recorder.uploads.names == ["outputs/report.txt"]
    assert (tmp_path / ".uploads" / "outputs" / "report.txt").read_text() == "fine"


def test_a_failure_tells_the_scripts_own_traceback(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder(str(tmp_path), lambda text: None)
    script = """
        from azureml.core import Run
        Run.get_context().log("seen", 1)
        def train():
            raise ValueError("no data")
        train()
        """
    with pytest.raises(ProblemError) as caught:
        call_command(job(tmp_path, script), recorder)
    problem = caught.value.problem
    assert problem.code == "R301" and problem.where == "train.py:5"
    assert "ValueError: no data" in problem.message
    assert problem.traceback.startswith('Traceback (most recent call last):\n  File "train.py", line 6')
    assert "step_script" not in problem.traceback
    assert capfd.readouterr().err.count("ValueError: no data") == 1
    assert recorder.metrics == [("seen", 1)]  # kept although the step failed


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit(3)", "exit code 3"),
        ("import sys; sys.exit('not today')", "exit code 1"),
        ("def (", "SyntaxError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL"),
    ],
)
def test_every_bad_end_is_told(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        run(tmp_path, script)


def test_old_names_work_where_the_environment_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import numpy as np\nprint('sum', np.float(1) + 1)\n"
    with pytest.raises(ProblemError, match="AttributeError"):
        run(tmp_path, script)
    run(tmp_path, script, OLD_NAMES="1")
    run(tmp_path, "print 'python', 2", OLD_NAMES="1")
    said = capfd.readouterr()
    assert "sum 2.0" in said.out and "python 2" in said.out
    assert "Notice: line 2: " in said.err


def test_exit_zero_is_success(tmp_path: Path) -> None:
    run(tmp_path, "import sys; sys.exit(0)")


def test_a_program_is_run_and_a_missing_one_is_told(tmp_path: Path) -> None:
    run(tmp_path, "", "sh", "-c", "echo hi > outputs/said", language="program")
    assert (tmp_path / "step" / "outputs" / "said").read_text() == "hi\n"
    with pytest.raises(ProblemError, match="R303"):
        run(tmp_path, "", os.fspath(tmp_path / "nothing"), language="program")
