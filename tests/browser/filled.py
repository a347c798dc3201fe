"""A workspace with something on every page, and with values that would be pages if they could."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from .studio import Studio

MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
SCRIPT = f"""
import matplotlib.pyplot as plt
def azureml_main(dataframe1=None, dataframe2=None):
    print({MARKUP!r})
    print("\\x1b[31mred\\x1b[0m \\u202e reversed")
    plt.plot([1, 2]); plt.savefig("plot.png")
    open("<b>.png", "wb").write(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(3)'/>")
    return dataframe1,
"""
FAILING = f"""
def azureml_main(dataframe1=None, dataframe2=None):
    total, marked = 0, {MARKUP!r}
    return total / 0
"""


def document(name: str, script: str, dataset: str) -> dict[str, Any]:
    node = {
        "module": "Execute Python Script",
        "parameters": {"Python Script": script},
        "inputs": {"Dataset1": "data"},
        "position": [0, 140],
        "comment": MARKUP,
    }
    nodes = {"data": {"dataset": dataset, "position": [0, 0]}, "script": node}
    return {"schema_version": 1, "name": name, "summary": MARKUP, "nodes": nodes}


def dataset(studio: Studio, name: str, csv: str) -> None:
    artifact = studio.ask("PUT", "/artifacts?name=t.csv", csv.encode())
    studio.ask("POST", "/datasets", {"name": name, "artifact": artifact, "description": MARKUP})


def experiment(studio: Studio, name: str, script: str, data: str) -> tuple[str, str]:
    """Id and run of an experiment that has been run to its end."""
    made = studio.ask("POST", "/experiments", {"document": document(name, script, data)})
    return run_to_its_end(studio, made["id"])


def run_to_its_end(studio: Studio, experiment: str) -> tuple[str, str]:
    """Id and run of the version that was run; one that had been run before is run as another."""
    ran = studio.ask("POST", "/experiments/run", {"experiment": experiment})
    until = time.monotonic() + 60
    while studio.ask("GET", f"/runs/{ran['run']}").get("state", "created") not in ("completed", "failed"):
        assert time.monotonic() < until
        studio.ask("GET", f"/runs/{ran['run']}/events?after=1000&wait_s=0.2")
    return ran["id"], ran["run"]


def model(studio: Studio, name: str) -> None:
    """A trained model, saved from the port of an experiment that has been run."""
    rows = [f"{place % 5},{place % 3},{'yes' if place % 5 > 2 else 'no'}" for place in range(60)]
    dataset(studio, "small", "hours,kind,paid\n" + "\n".join(rows) + "\n")
    nodes: dict[str, Any] = {
        "data": {"dataset": "small", "position": [0, 0]},
        "learner": {"module": "Two-Class Logistic Regression", "position": [200, 0]},
        "train": {
            "module": "Train Model",
            "parameters": {"Label column": ["paid"]},
            "inputs": {"Untrained model": "learner", "Dataset": "data"},
            "position": [100, 120],
        },
    }
    document = {"schema_version": 1, "name": "Paid", "nodes": nodes}
    id, _ = run_to_its_end(studio, studio.ask("POST", "/experiments", {"document": document})["id"])
    wish = {"experiment": id, "node": "train", "port": "Trained model", "name": name}
    studio.ask("POST", "/experiments/promote", wish)


def registered_model(studio: Studio) -> None:
    """Two versions of a model as the SDK registers them; its file is no model at all."""
    for version in range(2):
        artifact = studio.ask("PUT", "/artifacts?name=net.pkl", f"version {version}".encode())
        facts = {"artifact": artifact, "item": "net.pkl", "model_framework": "Custom", "description": MARKUP}
        body = {**facts, "tags": {"stage": "test", "<i>": "</i>"}, "properties": {"auc": "0.9"}}
        wish = {"name": "net", "body": body, "content": [artifact["digest"]]}
        studio.ask("POST", "/registry/models", wish)


def pipelines(studio: Studio) -> dict[str, str]:
    """Addresses of a published pipeline and of all that can be made of one."""
    parameters = {
        "word": "hello",
        "place": {"type": "json", "default": {"datastore": MARKUP, "path": MARKUP}},
    }
    graph = {**document("p", SCRIPT, MARKUP), "parameters": {**parameters, "often": 2, "loud": True}}
    words = {"name": MARKUP, "description": MARKUP}
    published = studio.ask("POST", "/pipelines", {**words, "version": MARKUP, "document": graph})["id"]
    endpoint = studio.ask("POST", "/pipeline-endpoints", {**words, "pipeline": published})["id"]
    draft = studio.ask("POST", "/pipeline-drafts", {"id": "", **words, "experiment": "e", "document": graph})
    clock = {"frequency": "Week", "start": "2030-01-07T06:30:00", "zone": "Europe/Berlin"}
    schedule = {"id": "", **words, "experiment": "e", "pipeline": published, "values": {"word": MARKUP}}
    made = studio.ask("POST", "/schedules", {**schedule, "recurrence": clock})["id"]
    ran = studio.ask("POST", f"/schedules/{made}/runs")["run"]
    return {
        "pipelines-endpoints": "/pipelines?show=endpoints",
        "pipelines-schedules": "/pipelines?show=schedules",
        "pipelines-drafts": "/pipelines?show=drafts",
        "pipelines-code": "/pipelines?show=code",
        "pipeline": f"/pipelines/{published}",
        "pipeline-endpoint": f"/pipelines/endpoints/{endpoint}",
        "pipeline-schedule": f"/pipelines/schedules/{made}",
        "pipeline-draft": f"/pipelines/drafts/{draft['id']}",
        "pipeline-run": f"/runs/{ran}",
    }


def fill(studio: Studio) -> dict[str, str]:
    """Addresses of the page worth a look, by a short name."""
    cell = MARKUP.replace('"', '""')
    dataset(studio, MARKUP, f'a,"{cell}"\n1,"{cell}"\n2,"=cmd()"\n3,\n')
    good, run = experiment(studio, f"Good {MARKUP}", SCRIPT, MARKUP)
    bad, failed = experiment(studio, "Fails", FAILING, MARKUP)
    model(studio, "Paid [trained model]")
    registered_model(studio)
    studio.ask("PUT", "/computes", {"name": "cpu-pool", "min_nodes": 1, "max_nodes": 3, "idle_s": 600})
    place = "/datastores/workspaceblobstore/content?path=raw/2026/people.csv"
    studio.ask("PUT", place, b"a,b\n1,2\n")
    return {
        "home": "/",
        "experiments": "/experiments",
        "canvas": f"/experiments/{good}",
        "canvas-failed": f"/experiments/{bad}",
        "new": "/experiments/new",
        "runs": "/runs",
        "run": f"/runs/{run}?node=script",
        "run-failed": f"/runs/{failed}?node=script",
        "datasets": "/datasets",
        "visualize": f"/datasets?name={quote(MARKUP, safe='')}",
        "services": "/services",
        "pipelines": "/pipelines",
        **pipelines(studio),
        "compute": "/compute",
        "models": "/models",
        "model": f"/models?name={quote('saved Paid [trained model]', safe='')}",
        "model-registered": "/models?name=net:2",
        "datastores": "/datastores",
        "datastore": "/datastores?name=workspaceblobstore&path=raw",
        "environments": "/environments",
        "settings": "/settings",
        "sign-in": "/signin",
        "nowhere": "/schedules",
    }
