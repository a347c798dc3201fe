"""A step in U-SQL on this machine, between an input of a datastore and a Python step."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.stories.pipelines import Code

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("pipelines")]

RUN = """
from azureml.core.compute import AdlaCompute
from azureml.pipeline.steps import AdlaStep
config = AdlaCompute.attach_configuration(resource_group="group", account_name="lake")
lake = ComputeTarget.attach(ws, "lake", config)
lake.wait_for_completion(True)
ws.get_default_datastore().upload("data", "data", overwrite=True, show_progress=False)
data = DataReference(ws.get_default_datastore(), "staff", "data/staff.csv")
totals = PipelineData("totals")
first = AdlaStep("totals.usql", inputs=[data], outputs=[totals], compute_target=lake,
                 source_directory="project", params={"least": 10, "mark": PipelineParameter("colour", "low")})
second = PythonScriptStep("show.py", arguments=[totals], inputs=[totals], source_directory="project")
run = Experiment(ws, "lake").submit(Pipeline(ws, [first, second]))
print(run.wait_for_completion(show_output=False, raise_on_error=False))
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="skyloom-usql-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        skyloom = Commands(place / "home", place)
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield place / "home"
        finally:
            for further in (place / "home" / "workspaces").glob("*"):
                Commands(further, place)("agent", "stop")
            skyloom("agent", "stop")


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    code = Code(home, tmp_path)
    code.script("data/staff.csv", "Noah,HR,5\nAmy,HR,20\nLiam,IT,30\n")
    code.script("project/show.py", "import sys\nprint('totals:', open(sys.argv[1]).read().split())\n")
    return code


def test_a_script_runs_with_ports_and_parameters(code: Code) -> None:
    code.script(
        "project/totals.usql",
        """
        DECLARE EXTERNAL @least int = 0;
        @staff = EXTRACT Name string, Dept string, Days int FROM "@@staff@@" USING Extractors.Csv();
        @some = SELECT Dept, Days FROM @staff WHERE Days >= @least;
        @r = SELECT Dept, SUM(Days) AS Days, "@@mark@@" AS Mark FROM @some GROUP BY Dept;
        OUTPUT @r TO "@@totals@@" ORDER BY Dept USING Outputters.Csv();
        """,
    )
    said = code(RUN + "print(run.find_step_run('show.py')[0].get_stdout_log())")
    assert "Finished" in said
    assert """totals: ['"HR",20,"low"', '"IT",30,"low"']""" in said


def test_a_fault_is_told_with_its_place_and_ends_the_step(code: Code) -> None:
    code.script(
        "project/totals.usql",
        """
        @staff = EXTRACT Name string, Dept string, Days int FROM "@@staff@@" USING Extractors.Csv();
        @r = SELECT Dpt, Days + 1 FROM @staff;
        OUTPUT @r TO "@@totals@@" USING Outputters.Csv();
        """,
    )
    said = code(RUN + "print(run.find_step_run('totals.usql')[0].get_stderr_log())")
    assert "Failed" in said
    assert "U008: There is no column 'Dpt'. [totals.usql:3:13] Did you mean Dept?" in said
    assert "U011: The column has no name. [totals.usql:3:18]" in said
