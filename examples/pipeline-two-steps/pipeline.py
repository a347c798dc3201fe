import os
import sys

from azureml.core import Datastore, Experiment, Workspace
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter
from azureml.pipeline.steps import PythonScriptStep

here = os.path.dirname(os.path.abspath(__file__))
project_folder = os.path.join(here, "project")

ws = Workspace.create(name="examples", subscription_id="mine", resource_group="mine", exist_ok=True)
blob_store = Datastore(ws, "workspaceblobstore")
blob_store.upload_files([os.path.join(here, "measurements.csv")], target_path="measurements", overwrite=True)

measurements = DataReference(
    datastore=blob_store,
    data_reference_name="measurements",
    path_on_datastore="measurements/measurements.csv",
)
means = PipelineData("means", datastore=blob_store)
digits = PipelineParameter(name="digits", default_value=2)

prepare = PythonScriptStep(
    script_name="prepare.py",
    arguments=["--measurements", measurements, "--means", means],
    inputs=[measurements],
    outputs=[means],
    source_directory=project_folder,
)
report = PythonScriptStep(
    script_name="report.py",
    arguments=["--means", means, "--digits", digits],
    inputs=[means],
    source_directory=project_folder,
)

pipeline = Pipeline(workspace=ws, steps=[report])
values = {"digits": int(sys.argv[1])} if len(sys.argv) > 1 else {}
run = Experiment(ws, "two-steps").submit(pipeline, pipeline_parameters=values)
print("The pipeline ended:", run.wait_for_completion())

step = run.find_step_run("report.py")[0]
print("Mean length:", step.get_metrics()["mean length"])
step.download_file("outputs/report.txt", os.path.join(os.getcwd(), "report.txt"))
print(open("report.txt").read())
for step in run.get_steps():
    print(step.name, "was reused" if step.properties.get("azureml.reusedrunid") else "was run")
