"""Pipelines of a shop's sales, published from Python with the old names: what stories find in place."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.stories.pipelines import HEAD, Code

from .studio import Studio

CLEAN = """\
    import argparse
    import csv
    import os
    import time

    parser = argparse.ArgumentParser()
    parser.add_argument("--sales")
    parser.add_argument("--region")
    parser.add_argument("--cleaned")
    args = parser.parse_args()

    with open(args.sales, newline="") as file:
        rows = [row for row in csv.DictReader(file) if args.region in ("all", row["region"])]
    for row in rows:
        print("read", row["shop"], row["amount"], flush=True)
        time.sleep(0.6)
    os.makedirs(args.cleaned, exist_ok=True)
    with open(os.path.join(args.cleaned, "rows.csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, ["shop", "region", "amount"])
        writer.writeheader()
        writer.writerows(rows)
    print("kept", len(rows), "rows")
"""
REPORT = """\
    import argparse
    import csv
    import os
    import statistics

    from azureml.core import Run

    parser = argparse.ArgumentParser()
    parser.add_argument("--cleaned")
    parser.add_argument("--discount", type=float)
    parser.add_argument("--report")
    args = parser.parse_args()


    def average(rows):
        amounts = [float(row["amount"]) for row in rows]
        return statistics.mean(amounts) * (1 - args.discount)


    with open(os.path.join(args.cleaned, "rows.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    print("reporting on", len(rows), "rows")
    result = average(rows)
    Run.get_context().log("average", result)
    os.makedirs(args.report, exist_ok=True)
    with open(os.path.join(args.report, "average.txt"), "w") as file:
        file.write(f"{result:.2f}")
    print("average", result)
"""
_PUBLISH = """
    import json
    from azureml.data.datapath import DataPath, DataPathComputeBinding
    from azureml.pipeline.core import PipelineDraft, PipelineEndpoint
    from azureml.pipeline.core.schedule import Schedule, ScheduleRecurrence, TimeZone
    store = ws.get_default_datastore()
    store.upload_files(["sales.csv", "gaps.csv"], target_path="sales", overwrite=True, show_progress=False)
    place = PipelineParameter("sales", DataPath(store, "sales/sales.csv"))
    region = PipelineParameter("region", "all")
    discount = PipelineParameter("discount", 0.1)
    cleaned, report = PipelineData("cleaned", datastore=store), PipelineData("report", datastore=store)
    read = (place, DataPathComputeBinding(mode="mount"))
    clean = PythonScriptStep("clean.py", name="clean", source_directory="shop",
        arguments=["--sales", read, "--region", region, "--cleaned", cleaned],
        inputs=[read], outputs=[cleaned])
    tell = PythonScriptStep("report.py", name="report", source_directory="shop",
        arguments=["--cleaned", cleaned, "--discount", discount, "--report", report],
        inputs=[cleaned], outputs=[report])
    pipeline = Pipeline(ws, [tell], description="Reads the sales of a day and tells their average")
    published = pipeline.publish("daily-sales", "Average of a day's sales, by region", "1.0")
    endpoint = PipelineEndpoint.publish(ws, "sales", "What the shops' programs call", published)
    draft = PipelineDraft.create(ws, pipeline, "sales next", experiment_name="sales")
    morning = Schedule.create(ws, "every morning", published.id, "sales", recurrence=ScheduleRecurrence(
        "Week", 1, start_time="2030-01-07T06:30:00", time_zone=TimeZone.WEuropeStandardTime,
        week_days=["Monday", "Thursday"], time_of_day="06:30"), pipeline_parameters={"region": "north"})
    arrivals = Schedule.create(ws, "new files", published.id, "sales", datastore=store,
        path_on_datastore="sales", polling_interval=600, data_path_parameter_name="sales")
    print(json.dumps([published.id, endpoint.id, draft.id, morning.id, arrivals.id]))
"""


@dataclass(frozen=True)
class Shop:
    """Ids of what was published, and the code that did it."""

    code: Code
    pipeline: str
    endpoint: str
    draft: str
    morning: str
    arrivals: str


def open_shop(studio: Studio) -> Shop:
    """Publish a pipeline of two steps, an endpoint, a draft and two schedules."""
    folder = studio.folder / "pipelines"
    folder.mkdir(exist_ok=True)
    code = Code(studio.skyloom.home, folder)
    code.script("shop/clean.py", CLEAN)
    code.script("shop/report.py", REPORT)
    days = [
        ("Harbour", "north", 120),
        ("Market", "north", 80),
        ("Mill", "south", 95),
        ("Station", "south", 40),
    ]
    rows = "".join(f"{shop},{region},{amount}\n" for shop, region, amount in days)
    (folder / "sales.csv").write_text("shop,region,amount\n" + rows)
    (folder / "gaps.csv").write_text("shop,region,amount\n" + rows + "Bridge,south,n/a\n")
    said = code(_PUBLISH, HEAD)
    return Shop(code, *json.loads(said.strip().splitlines()[-1]))
