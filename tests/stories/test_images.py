"""A pipeline whose steps run in an image, and the same one where no engine is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.containers import BASE, WANTED, podman_with_base
from tests.stories.pipelines import Code, pipelines_home

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("podman")]

PIPELINE = """
from azureml.core import Environment
from azureml.core.runconfig import RunConfiguration
config = RunConfiguration()
config.environment = Environment.from_docker_image("own", "IMAGE")
made = PipelineData("made", datastore=ws.get_default_datastore())
first = PythonScriptStep("make.py", arguments=["--out", made], outputs=[made], runconfig=config,
                         compute_target="local", source_directory=".", allow_reuse=False)
second = PythonScriptStep("read.py", arguments=["--in", made], inputs=[made], compute_target="local",
                          source_directory=".", allow_reuse=False)
pipeline = Pipeline(ws, [first, second])
"""


def test_a_step_in_an_image_hands_its_output_to_one_in_a_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="skyloom-podman-", dir="/var/tmp") as folder:
        podman, why = podman_with_base(Path(folder))
        if podman is None:
            pytest.skip(why)
        try:
            for name, value in podman.variables.items():
                monkeypatch.setenv(name, value)
            with pipelines_home() as home:
                code = Code(home, tmp_path)
                code.script(
                    "make.py",
                    "import sys\nopen(sys.argv[2], 'w').write('made by ' + sys.executable)\n",
                )
                code.script("read.py", "import sys\nprint('read:', open(sys.argv[2]).read())\n")
                said = code(
                    PIPELINE.replace("IMAGE", BASE)
                    + "run = pipeline.submit('images')\nprint(run.wait_for_completion(show_output=True))\n"
                )
                assert "read: made by /usr/bin/python3" in said and "Finished" in said
        finally:
            podman.close()


def test_without_an_engine_validate_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.environ.get(WANTED):  # tests/compute/containers/test_engine.py asks the resolver the same
        pytest.skip(f"an agent of its own for one question: set {WANTED}=1 to ask it")
    monkeypatch.setenv("SKYLOOM_CONTAINERS", "off")
    with pipelines_home() as home:
        code = Code(home, tmp_path)
        for name in ("make.py", "read.py"):
            code.script(name, "pass\n")
        said = code(PIPELINE.replace("IMAGE", BASE) + "print(pipeline.validate())\n")
        assert "C066" in said and "apt install podman" in said
