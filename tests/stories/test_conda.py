"""Steps in an environment of conda packages, from a channel that the test made, in boxes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.conda_channel import VERSION, kept_channel, why_no_channel
from tests.environments import HOME
from tests.stories.pipelines import Code, pipelines_home

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.real("environment")]

STEPS = """
from azureml.core import Environment
from azureml.core.runconfig import RunConfiguration
open("conda.yml", "w").write(
    "channels: [own, nodefaults]\\ndependencies: [python=VERSION, needy, tiny<3, {pip: [six]}]"
)
config = RunConfiguration()
config.environment = Environment.from_conda_specification("own", "conda.yml")
step = PythonScriptStep("look.py", runconfig=config, compute_target="local", source_directory="code",
                        allow_reuse=False)
pipeline = Pipeline(ws, [step])
print("problems:", pipeline.validate())
for _ in range(2):
    run = pipeline.submit("conda")
    print(run.wait_for_completion(show_output=True))
"""
LOOK = """
import sys
import needy, six, tiny
import numpy, pandas
try:
    open(sys.prefix + "/mine", "w")
except OSError as error:
    print("prefix cannot be written:", type(error).__name__)
print("prefix:", sys.prefix, "base:", sys.base_prefix == sys.prefix, "tiny:", tiny.__version__)
"""


def test_a_step_runs_in_a_python_of_a_channel_and_its_second_run_builds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why_no_channel():
        pytest.skip(why_no_channel())
    monkeypatch.setenv("SKYLOOM_CONDA_CHANNELS", f"own={kept_channel().as_uri()}")
    monkeypatch.setenv("RATTLER_CACHE_DIR", os.fspath(HOME / "rattler"))
    with pipelines_home() as home:
        code = Code(home, tmp_path)
        code.script("code/look.py", LOOK)
        said = code(STEPS.replace("VERSION", VERSION))
        if "C056" in said or "C064" in said:
            pytest.skip("packages of pip cannot be had here")
        assert said.count("\nFinished\n") == 2, said
        assert said.count("tiny: 1.0") == 2 and said.count("base: True") == 2, said
        assert "prefix cannot be written" in said
        folder = said.partition("prefix: ")[2].split()[0]
        assert folder.endswith("/venv") and "envs" in folder
        assert said.count("Building the environment") <= 1  # none where an earlier session built it
        told = Commands(home, tmp_path)("doctor", "--json").json["environments"]
        assert told["conda"].startswith("py-rattler 0.")
        mine = next(built for built in told["built"] if folder.startswith(built["folder"]))
        assert (mine["channels"], mine["python"]) == (["own"], VERSION)
