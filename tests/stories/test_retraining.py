"""A model is trained in a batch, served, trained anew, and swapped by PATCH (services.md 1.3 and 1.5)."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.http import HttpWorkspace
from skyloom.client.start import ensure_agent
from skyloom.client.web import HttpWeb
from skyloom.core.identity import Json

from ..server.agents import end_agent

ROWS = [(number, "yes" if number > 10 else "no") for number in range(1, 21)]
TABLE = "x,y\n" + "".join(f"{x},{y}\n" for x, y in ROWS)
TURNED = "x,y\n" + "".join(f"{x},{'no' if y == 'yes' else 'yes'}\n" for x, y in ROWS)
SOURCE: Json = {
    "module": "Enter Data Manually",
    "parameters": {"Data": TABLE, "DataFormat": "CSV", "HasHeader": True},
}
TRAINING: Json = {
    "schema_version": 1,
    "name": "Train",
    "nodes": {
        "typed": SOURCE,
        "learner": {"module": "Two-Class Logistic Regression"},
        "train": {
            "module": "Train Model",
            "parameters": {
                "Label column": {
                    "isFilter": True,
                    "rules": [{"ruleType": "ColumnNames", "exclude": False, "columns": ["y"]}],
                }
            },
            "inputs": {"Untrained model": "learner", "Dataset": "typed"},
        },
    },
    "inputs": {"input1": {"targets": ["train.Dataset"]}},
    "outputs": {"model": "train"},
}
SCORING: Json = {
    "schema_version": 1,
    "name": "Score",
    "nodes": {
        "typed": SOURCE,
        "model": {"dataset": "trained", "title": "Yes or no"},
        "score": {
            "module": "Score Model",
            "inputs": {"Trained model": "model", "Dataset": "typed"},
        },
    },
    "inputs": {"input1": {"targets": ["score.Dataset"]}},
    "outputs": {"output1": "score"},
}


class Story:
    """One server and what is asked of it."""

    def __init__(self, place: AgentPlace) -> None:
        self.web, self.api = HttpWeb(place), HttpWorkspace(place)
        self.address = str(self.web.open_port(port=0)["address"])
        self.token = self.web.first_token()

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> Any:
        line = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line.request(method, path, sent, {"Authorization": f"Bearer {key or self.token}"})
        answer = line.getresponse()
        content = answer.read()
        line.close()
        assert answer.status < 400, content
        return json.loads(content) if content and content[:1] in b'{["' else content

    def train(self, service: dict[str, Json], table: str, name: str) -> None:
        """A batch of the training service: a table in, a model out."""
        path = str(_default(service)["path"])
        self.ask("PUT", f"/blobstore/skyloom/in/{name}.csv", table.encode())
        key = str(self.web.storage()["account_key"])
        connection = f"AccountName=skyloom;AccountKey={key}"
        body = {
            "Inputs": {"input1": {"ConnectionString": connection, "RelativeLocation": f"in/{name}.csv"}},
            "Outputs": {
                "model": {"ConnectionString": connection, "RelativeLocation": f"out/{name}.ilearner"}
            },
        }
        job = self.ask("POST", f"{path}/jobs?api-version=2.0", body)
        self.ask("POST", f"{path}/jobs/{job}/start?api-version=2.0")
        until = time.monotonic() + 120
        told = self.ask("GET", f"{path}/jobs/{job}?api-version=2.0")
        while told["StatusCode"] == "Running" and time.monotonic() < until:
            time.sleep(0.2)
            told = self.ask("GET", f"{path}/jobs/{job}?api-version=2.0")
        assert told["StatusCode"] == "Finished", told

    def labels(self, endpoint: dict[str, Json], key: str) -> list[str]:
        rows = {"Inputs": {"input1": [{"x": 1, "y": ""}, {"x": 20, "y": ""}]}}
        path = f"{endpoint['path']}/execute?api-version=2.0&format=swagger"
        answer = self.ask("POST", path, rows, key)
        return [row["Scored Labels"] for row in answer["Results"]["output1"]]


def _default(service: dict[str, Json]) -> dict[str, Json]:
    endpoints = service["endpoints"]
    assert isinstance(endpoints, list) and isinstance(endpoints[0], dict)
    return endpoints[0]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    place = AgentPlace(str(tmp_path / "home"))
    ensure_agent(place)
    try:
        yield Story(place)
    finally:
        end_agent(place)


def test_a_model_is_trained_in_a_batch_served_and_swapped(story: Story, tmp_path: Path) -> None:
    training = story.web.publish({"name": "Train", "document": TRAINING})
    story.train(training, TABLE, "first")
    model = story.ask("GET", "/blobstore/skyloom/out/first.ilearner")
    kept = tmp_path / "first.ilearner"
    kept.write_bytes(model)
    with kept.open("rb") as content:
        story.api.register_dataset("trained", story.api.upload(content, "first.ilearner", "ILearner"))
    scoring = story.web.publish({"name": "Score", "document": SCORING})
    service = str(scoring["id"])
    default, further = _default(scoring), story.web.put_endpoint(service, "retrained", {})
    keys = [str(story.web.keys(service, name)["primary_key"]) for name in ("default", "retrained")]
    assert story.labels(default, keys[0]) == story.labels(further, keys[1]) == ["no", "yes"]

    story.train(training, TURNED, "second")
    workspace = str(default["path"]).split("/")[2]
    path = f"/workspaces/{workspace}/webservices/{service}/endpoints/retrained"
    [resource] = story.ask("GET", path, key=keys[1])["Resources"]
    assert resource["Name"] == "Yes or no [trained model]"
    location = {
        "ConnectionString": f"AccountName=skyloom;AccountKey={story.web.storage()['account_key']}",
        "RelativeLocation": "out/second.ilearner",
    }
    body = {"Resources": [{"Name": resource["Name"], "Location": location}]}
    story.ask("PATCH", path, body, keys[1])
    assert story.labels(further, keys[1]) == ["yes", "no"]
    assert story.labels(default, keys[0]) == ["no", "yes"]
