"""Steps of Databricks and Synapse on Spark of this machine: one cluster that stays up for all of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.cli.commands import Commands
from tests.spark import need_spark
from tests.stories.pipelines import Code

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.real("spark"), pytest.mark.xdist_group("spark")]

# the Databricks section of the seed "pipelines-sdk", as written there
SEED = """
import os
from azureml.core.compute import ComputeTarget, DatabricksCompute
from azureml.exceptions import ComputeTargetException

databricks_compute_name = os.environ.get("AML_DATABRICKS_COMPUTE_NAME", "<databricks_compute_name>")
databricks_workspace_name = os.environ.get("AML_DATABRICKS_WORKSPACE", "<databricks_workspace_name>")
databricks_resource_group = os.environ.get("AML_DATABRICKS_RESOURCE_GROUP", "<databricks_resource_group>")
databricks_access_token = os.environ.get("AML_DATABRICKS_ACCESS_TOKEN", "<databricks_access_token>")

try:
    databricks_compute = ComputeTarget(workspace=ws, name=databricks_compute_name)
    print('Compute target already exists')
except ComputeTargetException:
    print('compute not found')
    print('databricks_compute_name {}'.format(databricks_compute_name))
    print('databricks_workspace_name {}'.format(databricks_workspace_name))
    print('databricks_access_token {}'.format(databricks_access_token))

    # Create attach config
    attach_config = DatabricksCompute.attach_configuration(resource_group = databricks_resource_group,
                                                           workspace_name = databricks_workspace_name,
                                                           access_token = databricks_access_token)
    databricks_compute = ComputeTarget.attach(
             ws,
             databricks_compute_name,
             attach_config
         )
    
    databricks_compute.wait_for_completion(True)
"""
SEED_STEP = """
dbStep = DatabricksStep(
    name="databricksmodule",
    inputs=[step_1_input],
    outputs=[step_1_output],
    num_workers=1,
    notebook_path=notebook_path,
    notebook_params={'myparam': 'testparam'},
    run_name='demo run name',
    compute_target=databricks_compute,
    allow_reuse=False
)
# List of steps to run
steps = [dbStep]

# Build the pipeline
pipeline1 = Pipeline(workspace=ws, steps=steps)
"""
FILLED = {
    "<databricks_compute_name>": "bricks",
    "<databricks_workspace_name>": "bricks-workspace",
    "<databricks_resource_group>": "group",
    "<databricks_access_token>": "dapi-secret-token",
}
BETWEEN = """
from azureml.pipeline.steps import DatabricksStep, SynapseSparkStep
from azureml.data import HDFSOutputDatasetConfig
from azureml.core.runconfig import JarLibrary
databricks_compute.set_secrets("db", {"password": "hunter22"})
store = ws.get_default_datastore()
store.upload("data", "data", overwrite=True, show_progress=False)
step_1_input = DataReference(store, "step_1_input", "data/staff.csv")
step_1_output = PipelineData("step_1_output", datastore=store)
notebook_path = "notebooks/totals"
def tell(run, *names):
    for name in names:
        (step,) = run.find_step_run(name)
        print(f"== {name} {step.get_status()}")
        print(step.get_stdout_log())
        print(step.get_stderr_log())
"""
NOTEBOOK = """
# Databricks notebook source
# MAGIC %md
# MAGIC # Days by department

# COMMAND ----------

dbutils.widgets.text("myparam", "nothing")
dbutils.widgets.dropdown("mode", "long", ["short", "long"])
source, target = dbutils.widgets.get("step_1_input"), dbutils.widgets.get("step_1_output")
print("myparam:", dbutils.widgets.get("myparam"), dbutils.widgets.get("mode"))
spark.read.csv(source, header=True, inferSchema=True).createOrReplaceTempView("staff")

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE OR REPLACE TEMP VIEW totals AS
# MAGIC   SELECT Dept, SUM(Days) AS Days, "$myparam" AS Mark FROM staff GROUP BY Dept ORDER BY Dept;
# MAGIC SELECT * FROM totals

# COMMAND ----------

# MAGIC %run ./lib $factor="3"

# COMMAND ----------

from pyspark.sql.functions import udf
made = spark.table("totals").select("Dept", udf(scaled, "long")("Days").alias("Days"), "Mark")
made.coalesce(1).write.csv(target, header=True)
display(made)
print("secret:", dbutils.secrets.get("db", "password"))
dbutils.fs.put("dbfs:/kept/note.txt", "kept", True)
print("dbfs:", spark.read.text("dbfs:/kept/note.txt").first()[0], open("/dbfs/kept/note.txt").read())
from azureml.core import Run
Run.get_context().log("rows", made.count())

# COMMAND ----------

# MAGIC %sh echo from the shell

# COMMAND ----------

dbutils.notebook.exit("all well")
"""
LIBRARY = """
# Databricks notebook source
factor = int(dbutils.widgets.get("factor"))
def scaled(days):
    return factor * days
"""
SPARKMAGIC = {
    "nbformat": 4,
    "nbformat_minor": 4,
    "metadata": {"kernelspec": {"name": "pysparkkernel", "language": "python"}},
    "cells": [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in (
            ["%%configure -f\n", '{"driverMemory": "1g"}'],
            ["spark.range(4).createOrReplaceTempView('numbers')"],
            ["%%sql -o evens -q\n", "SELECT id FROM numbers WHERE id % 2 = 0"],
            ["%%local\n", "print('evens', list(evens['id']), type(evens).__name__)"],
            ["print('zone', spark.conf.get('spark.sql.session.timeZone'))"],
            [
                "try:\n",
                "    spark.table('staff')\n",
                "except Exception as error:\n",
                "    print('staff is not here')",
            ],
        )
    ],
}
SCRIPT = """
import argparse, sys
from pyspark.sql import SparkSession
parser = argparse.ArgumentParser()
parser.add_argument("-numbers")
parser.add_argument("--AZUREML_RUN_ID", dest="run")
known, rest = parser.parse_known_args()
spark = SparkSession.builder.appName("mine").getOrCreate()
spark.range(6).selectExpr("id * 2 AS id").coalesce(1).write.parquet(known.numbers)
print("first word:", rest[0], len(known.run))
spark.stop()
"""
SYNAPSE = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
rows = spark.read.parquet(sys.argv[2])
rows.write.mode("append").json(sys.argv[4])
print("sum:", rows.selectExpr("sum(id)").first()[0])
"""
FAULT = """
# Databricks notebook source
x = 1

# COMMAND ----------

def divide(a, b):
    return a / b

divide(x, 0)
"""
JAVA = """
import org.apache.spark.sql.SparkSession;

public class Count {
    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().getOrCreate();
        System.out.println("jar counted " + spark.range(Long.parseLong(args[0])).count() + " " + args.length);
    }
}
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="skyloom-spark-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        need_spark()
        (place / "home").mkdir(mode=0o711)
        skyloom = Commands(place / "home", place)
        try:
            if not str(skyloom("doctor", "--json").json["isolation"]).startswith("full"):
                pytest.skip("Spark needs isolation of level full, which could not be proven on this machine")
            yield place / "home"
        finally:
            skyloom("agent", "stop")


@pytest.fixture(scope="module")
def code(home: Path) -> Code:
    code = Code(home, home.parent)
    code.script(
        "data/staff.csv", "Name,Dept,Days\\nNoah,HR,5\\nAmy,HR,20\\nLiam,IT,30\\n".replace("\\n", "\n")
    )
    code.script("notebooks/totals.py", NOTEBOOK.lstrip())
    code.script("notebooks/lib.py", LIBRARY.lstrip())
    code.script("notebooks/magic.ipynb", json.dumps(SPARKMAGIC))
    code.script("notebooks/fault.py", FAULT.lstrip())
    code.script("project/numbers.py", SCRIPT)
    code.script("project/total.py", SYNAPSE)
    return code


def attached() -> str:
    text = SEED
    for placeholder, value in FILLED.items():
        text = text.replace(placeholder, value)
    return text + BETWEEN


@pytest.fixture(scope="module")
def first(code: Code) -> str:
    """What the seeds' section said when it ran: everything else finds its cluster up."""
    return code(
        attached()
        + SEED_STEP
        + """
pipeline_run1 = Experiment(ws, 'Compare_Models_Exp').submit(pipeline1)
print(pipeline_run1.wait_for_completion(show_output=False, raise_on_error=False))
tell(pipeline_run1, "databricksmodule")
step = pipeline_run1.find_step_run("databricksmodule")[0]
print(step.get_details().get("error"))
print("files:", step.get_file_names(), step.get_metrics())
step.get_output_data("step_1_output").download("made", show_progress=False)
step.download_file("outputs/totals.ipynb", "executed.ipynb")
"""
    )


def test_the_databricks_section_of_the_seeds_runs_as_written(code: Code, first: str) -> None:
    assert "compute not found" in first and "databricks_access_token dapi-secret-token" in first
    assert "== databricksmodule Finished" in first
    assert re.search(r"The cluster of 1 cores was started in .* s; isolation full", first)
    assert "Running notebook totals on Spark (demo run name)" in first
    assert "myparam: testparam long" in first
    assert "HR    25    testparam" in first  # what the SQL cell shows
    assert "secret: [REDACTED]" in first and "hunter22" not in first
    assert "dbfs: kept kept" in first and "from the shell" in first and "Notebook exited: all well" in first
    assert "'rows': 2" in first and "'outputs/totals.ipynb'" in first
    (part,) = (code.folder / "made").rglob("part-*.csv")
    assert part.read_text() == "Dept,Days,Mark\nHR,75,testparam\nIT,90,testparam\n"


def test_the_executed_notebook_is_kept_with_its_outputs(code: Code, first: str) -> None:
    kept = json.loads((code.folder / "executed.ipynb").read_text())
    assert kept["nbformat"] == 4 and kept["metadata"]["skyloom"]["exit_value"] == "all well"
    cells = [cell for cell in kept["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4, 5, 6]
    assert "<td>HR</td><td>25</td><td>testparam</td>" in cells[1]["outputs"][0]["data"]["text/html"]
    assert "hunter22" not in json.dumps(kept)


def test_further_steps_of_every_kind_find_the_cluster_up(code: Code, first: str) -> None:
    """One pipeline: a script, a notebook with sparkmagic, a program of Synapse, a notebook that fails."""
    said = code(
        attached()
        + """
numbers = PipelineData("numbers", datastore=store)
total = HDFSOutputDatasetConfig("total", (store, "made/total"))
script = DatabricksStep("script", num_workers=1, python_script_name="numbers.py", source_directory="project",
                        python_script_params={"word"}, outputs=[numbers], compute_target="bricks")
magic = DatabricksStep("magic", num_workers=1, notebook_path="notebooks/magic.ipynb", compute_target="bricks",
                       spark_conf={"spark.sql.session.timeZone": "Asia/Tokyo"})
synapse = SynapseSparkStep("total.py", "project", "bricks", "1g", 1, "1g", 1, 1, name="synapse",
                           arguments=["--from", numbers, "--to", total], inputs=[numbers], outputs=[total])
fault = DatabricksStep("fault", num_workers=1, notebook_path="notebooks/fault", compute_target="bricks")
steps = StepSequence([script, magic, synapse, fault])
run = Experiment(ws, "kinds").submit(Pipeline(ws, steps))
print(run.wait_for_completion(show_output=False, raise_on_error=False))
tell(run, "script", "magic", "synapse", "fault")
run = Experiment(ws, "kinds").submit(Pipeline(ws, [script]))
again = run.find_step_run("script")[0]
print(run.wait_for_completion(show_output=False), again.properties.get("azureml.isreused"))
"""
    )
    assert said.count("The cluster of 1 cores was up; isolation full") == 4
    assert "== script Finished" in said and "first word: word 36" in said
    assert "stop() ends what this step has of it" in said
    assert "== magic Finished" in said and "evens [0, 2] DataFrame" in said and "zone Asia/Tokyo" in said
    assert "staff is not here" in said  # temporary views are a step's own
    assert "== synapse Finished" in said and "sum: 30" in said
    assert "== fault Failed" in said and "'fault' failed: cell 2: ZeroDivisionError: division by zero" in said
    assert 'File "<cell 2>", line 4, in <module>\n    divide(x, 0)' in said
    assert 'File "<cell 2>", line 2, in divide\n    return a / b' in said
    assert "Finished True" in said  # reused


def test_a_jar_runs_on_the_cluster_that_is_up(code: Code, first: str) -> None:
    if shutil.which("javac") is None:
        pytest.skip("there is no javac to compile the jar with (Debian: openjdk-17-jdk-headless)")
    folder = next(environments.FOLDER.glob("*/venv/lib/python3*/site-packages/pyspark/jars"))
    code.script("java/Count.java", JAVA)
    place = code.folder / "java"
    compiler = [
        "javac",
        "--release",
        "17",
        "-cp",
        f"{folder}/*",
        "-d",
        f"{place}/classes",
        f"{place}/Count.java",
    ]
    subprocess.run(compiler, check=True, capture_output=True)
    subprocess.run(["jar", "cf", "java/count.jar", "-C", "java/classes", "."], cwd=code.folder, check=True)
    said = code(
        attached()
        + """
jar = DatabricksStep("jar", num_workers=1, main_class_name="Count", jar_params=["12"],
                     compute_target="bricks", jar_libraries=[JarLibrary("java/count.jar")])
lost = DatabricksStep("lost", num_workers=1, main_class_name="Nothing", compute_target="bricks",
                      jar_libraries=[JarLibrary("java/count.jar")])
run = Experiment(ws, "jar").submit(Pipeline(ws, StepSequence([jar, lost])))
run.wait_for_completion(show_output=False, raise_on_error=False)
tell(run, "jar", "lost")
"""
    )
    assert "== jar Finished" in said and re.search(r"jar counted 12 \d+", said)
    assert "== lost Failed" in said and "The jars have no class 'Nothing'" in said


def test_a_cancel_ends_the_step_and_leaves_the_cluster(code: Code, first: str) -> None:
    code.script("notebooks/slow.py", "print('begun', flush=True)\nimport time\ntime.sleep(600)\n")
    code.script("notebooks/quick.py", "print(open('/dbfs/kept/note.txt').read(), dbutils.fs.ls('/kept'))\n")
    said = code(
        attached()
        + """
import time
slow = DatabricksStep("slow", num_workers=1, notebook_path="notebooks/slow", compute_target="bricks")
run = Experiment(ws, "slow").submit(Pipeline(ws, [slow]))
step = run.find_step_run("slow")[0]
until = time.monotonic() + 120
while "begun" not in step.get_stdout_log() and time.monotonic() < until:
    time.sleep(0.1)
run.cancel()
print(run.wait_for_completion(show_output=False, raise_on_error=False))
quick = DatabricksStep("quick", num_workers=1, notebook_path="notebooks/quick", compute_target="bricks")
run = Experiment(ws, "slow").submit(Pipeline(ws, [quick]))
run.wait_for_completion(show_output=False, raise_on_error=False)
tell(run, "quick")
"""
    )
    assert "Canceled" in said
    assert "== quick Finished" in said and "The cluster of 1 cores was up" in said and "kept" in said
