"""Better than it was (sdk.md 20): retries, time limits, resuming, debugging, deleting, a live table."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.stories.pipelines import Code

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("publishing")]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="skyloom-better-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        skyloom = Commands(place / "home", place)
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield place / "home"
        finally:
            skyloom("agent", "stop")


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    return Code(home, tmp_path)


def test_a_step_is_tried_again_and_ended_in_time(code: Code) -> None:
    code.script("flaky.py", "import sys; print('tried', flush=True); sys.exit(3)")
    code.script("slow.py", "import time; time.sleep(600)")
    said = code(
        """
        flaky = PythonScriptStep("flaky.py", retries=2, allow_reuse=False)
        slow = PythonScriptStep("slow.py", timeout_seconds=0.5, allow_reuse=False)
        run = Experiment(ws, "tries").submit(Pipeline(ws, [flaky, slow]), continue_on_step_failure=True)
        run.wait_for_completion(show_output=False, raise_on_error=False)
        step, late = run.find_step_run("flaky.py")[0], run.find_step_run("slow.py")[0]
        print(step._node_of().attempt, [one["message"] for one in step.get_details()["warnings"]])
        print(late._node_of().reason, late.get_status())
        """
    )
    assert "3 [\"attempt 1 failed: 'flaky.py' ended with exit code 3.\"" in said
    assert "timeout Failed" in said


def test_a_failed_run_is_resumed_from_the_step_that_failed(code: Code) -> None:
    code.script("first.py", "open(__import__('sys').argv[1], 'w').write('made once')")
    code.script("second.py", "assert open(__import__('sys').argv[1] + '/switch').read() == 'on'")
    said = code(
        """
        store = ws.get_default_datastore()
        def switch(word):
            open("switch", "w").write(word)
            return store.upload_files(["switch"], target_path="switches", overwrite=True, show_progress=False)
        place = switch("off")
        data = PipelineData("data")
        first = PythonScriptStep("first.py", arguments=[data], outputs=[data], allow_reuse=False)
        second = PythonScriptStep("second.py", arguments=[place], inputs=[place], allow_reuse=False)
        second.run_after(first)
        run = Experiment(ws, "resuming").submit(Pipeline(ws, [second]))
        assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
        switch("on")
        again = run.resume()
        print(again.wait_for_completion(show_output=False))
        print([step.is_reused for step in again.get_steps()])
        """
    )
    assert "Finished\n[True, False]" in said


def test_a_failed_run_is_resumed_with_a_mended_script_and_another_value(code: Code) -> None:
    code.script("first.py", "open(__import__('sys').argv[1], 'w').write('made once')")
    code.script("second.py", "import sys; print('TAKEN', sys.argv[2], 1 / 0)")
    said = code(
        """
        from skyloom.core.repair import Repair
        data, word = PipelineData("data"), PipelineParameter("word", "old")
        first = PythonScriptStep("first.py", arguments=[data], outputs=[data], allow_reuse=False)
        second = PythonScriptStep("second.py", arguments=[data, word], inputs=[data], allow_reuse=False)
        published = Pipeline(ws, [second]).publish("mended")
        run = published.submit(ws, "mending")
        assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
        api = run._api
        source = api.step_source(run.id, "second.py")
        assert source.script == "second.py" and "1 / 0" in source.files[0].text
        mended = {"second.py": {"second.py": source.files[0].text.replace("1 / 0", "1")}}
        resumed = api.resume(run.id, Repair(mended, values={"word": "new"}))
        again = PipelineRun(ws.experiments["mending"], resumed)
        print(again.wait_for_completion(show_output=False))
        print([step.is_reused for step in again.get_steps()])
        print(again.find_step_run("second.py")[0].get_stdout_log().strip())
        assert again.get_properties()["skyloom.repaired"] == '["second.py: second.py", "word"]'
        assert again.get_properties()["azureml.pipelineid"] == published.id
        """
    )
    assert "Finished\n[True, False]\n" in said
    assert said.endswith("TAKEN new 1\n")


def test_a_step_is_debugged_with_its_snapshot_inputs_and_environment(code: Code, home: Path) -> None:
    code.script("src/helper.py", "def double(text):\n    return text + text\n")
    code.script(
        "src/work.py",
        """
        import os, sys
        from azureml.core import Run
        from helper import double
        text = open(sys.argv[1]).read()
        run = Run.get_context()
        os.makedirs(sys.argv[2])
        open(sys.argv[2] + "/made", "w").write(double(text))
        run.log("letters", len(text))
        print("WORKED", double(text), os.environ["AML_PARAMETER_word"], run.parent.id)
        raise ValueError("look here")
        """,
    )
    run = code(
        """
        open("in.txt", "w").write("input")
        place = ws.get_default_datastore().upload_files(["in.txt"], target_path="debug", show_progress=False)
        data = PipelineData("data")
        file = place.path("in.txt")
        step = PythonScriptStep("work.py", arguments=[file, data], inputs=[file], outputs=[data],
                                params={"word": "told"}, source_directory="src")
        run = Experiment(ws, "debugging").submit(Pipeline(ws, [step]))
        run.wait_for_completion(show_output=False, raise_on_error=False)
        print("ID", run.id)
        """
    ).split("ID ")[1]
    code.script("src/work.py", "print('edited later')")
    skyloom = Commands(home, code.folder)
    made = skyloom("debug", run.strip(), "--folder", "there", "--prepare", "--json").json
    assert made["step"] == "work.py" and (code.folder / "there" / "step" / "helper.py").exists()
    settings = json.loads((code.folder / "there" / ".vscode" / "launch.json").read_text())
    assert settings["configurations"][0]["program"] == made["launch"]
    words = [made["python"], made["launch"]]
    plain = subprocess.run([*words, "--plain"], capture_output=True, text=True, check=False, timeout=60)
    assert f"WORKED inputinput told {run.strip()}" in plain.stdout and "look here" in plain.stderr
    again = skyloom("debug", run.strip(), "work.py", stdin="b 5\nc\np sys.argv[0]\nq\n")
    assert "text = open(sys.argv[1]).read()" in again.out and "'work.py'" in again.out
    assert skyloom("debug", run.strip(), "--folder", "there").code != 0  # not empty


def test_run_details_refresh_themselves_in_a_notebook(code: Code) -> None:
    """A stand-in for a notebook's two functions: displayed once, then updated until the end."""
    code.script("a.py", "import time\ntime.sleep(0.7)  # so that there is something to refresh\n")
    code.script("b.py", "print('b')")
    code.script("IPython/__init__.py", "def get_ipython():\n    return 'a shell'\n")
    code.script(
        "IPython/display.py",
        """
        shown = []
        def HTML(text):
            return text
        class Handle:
            def update(self, text):
                shown.append(("update", text))
        def display(text, display_id=False):
            shown.append(("display", text))
            return Handle() if display_id else None
        """,
    )
    said = code(
        """
        import time
        from azureml.widgets import RunDetails
        a, b = (PythonScriptStep(name, allow_reuse=False) for name in ("a.py", "b.py"))
        b.run_after(a)
        run = Experiment(ws, "details").submit(Pipeline(ws, [b]))
        RunDetails(run).show()
        from IPython.display import shown
        run.wait_for_completion(show_output=False)
        for _ in range(200):
            last = shown[-1][1]
            if ": Completed" in last:
                break
            time.sleep(0.05)
        kinds = [kind for kind, _ in shown]
        drawn = last.count("<rect"), last.count("<line")
        print("SHOWN", kinds.count("display"), kinds[0], len(shown) > 1, drawn)
        print(": Completed" in last, last.count("Finished") >= 4)
        """
    )
    assert "SHOWN 1 display True (2, 1)\nTrue True" in said


def test_experiments_are_archived_and_runs_deleted(code: Code, home: Path) -> None:
    code.script("a.py", "print('a')")
    said = code(
        """
        from azureml.exceptions import UserErrorException
        runs = [Experiment(ws, "old").submit(Pipeline(ws, [PythonScriptStep("a.py")])) for _ in range(3)]
        for run in runs:
            run.wait_for_completion(show_output=False)
        Experiment(ws, "old").archive()
        assert "old" not in [one.name for one in Experiment.list(ws)]
        assert [one.name for one in Experiment.list(ws, view_type="ArchivedOnly")] == ["old"]
        assert Experiment(ws, "old").archived_time
        Experiment(ws, "old").reactivate()
        assert "old" in [one.name for one in Experiment.list(ws)]
        runs[0].delete()  # the others took its results over and keep them
        try:
            PipelineRun(Experiment(ws, "old"), runs[0].id)
        except UserErrorException as error:
            print(error.message[:4])
        assert len(list(Experiment(ws, "old").get_runs())) == 2
        assert runs[1].find_step_run("a.py")[0].get_status() == "Finished"
        print("ID", runs[2].id)
        """
    )
    assert "R001" in said
    run = said.split("ID ")[1].strip()
    assert Commands(home, code.folder)("runs", "delete", run, "--json").json["deleted"] is True
    assert Commands(home, code.folder)("runs", "show", run).code != 0
    code('Experiment.delete(ws, "old"); assert list(Experiment(ws, "old").get_runs()) == []')
