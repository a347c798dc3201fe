"""Datasets and experiments at the old product's addresses (services.md 2.2), over a workspace in memory."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from skyloom.core.workspace_api import Submission

from .asking import Answer
from .web import Web, make_web

MEMBERS = """Id Name DataTypeId Description FamilyId ResourceUploadId Size SourceOrigin CreatedDate
    CreatedDateTicks Owner ExperimentId ClientVersion PromotedFrom UploadedFromFilename UploadedFromFileName
    ServiceVersion IsLatest Category IsDeprecated Culture Batch SchemaStatus VisualizeEndPoint SchemaEndPoint
    DownloadLocation"""
CSV = b"\xef\xbb\xbfa, b\r\n1, x\r\n"


class Classic:
    """A client of /api."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.ws = web.desk.workspace_id
        self.token = web.token("submit")

    def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        headers = {
            "x-ms-metaanalytics-authorizationtoken": self.token,
            "content-type": "application/json;charset=UTF8",
            "user-agent": "pyazureml/0.2.7",
        }
        return self.web.ask(method, path, body, headers=headers)

    def upload(self, content: bytes, data_type: str = "GenericCSV", blocks: int = 1) -> str:
        query = f"userStorage=true&dataTypeId={data_type}"
        upload = self.ask("POST", f"/api/resourceuploads/workspaces/{self.ws}/?{query}").json["Id"]
        size = -(-len(content) // blocks)
        for number in range(blocks if content else 0):
            path = f"/api/blobuploads/workspaces/{self.ws}/?numberOfBlocks={blocks}&blockId={number}"
            part = content[number * size : (number + 1) * size]
            assert self.ask("POST", f"{path}&uploadId={upload}&dataTypeId={data_type}", part).status == 200
        return str(upload)

    def register(self, upload: str, name: str = "table", **fields: object) -> Answer:
        source = {
            "Name": name,
            "DataTypeId": "GenericCSV",
            "Description": "rows",
            "FamilyId": None,
            "Owner": "Python SDK",
            "SourceOrigin": "FromResourceUpload",
            **fields,
        }
        body = {"DataSource": source, "UploadId": upload, "UploadedFromFileName": "", "ClientPoll": True}
        return self.ask("POST", f"/api/workspaces/{self.ws}/datasources", json.dumps(body).encode())

    def rows(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.ask("GET", f"/api/workspaces/{self.ws}/datasources").json
        return found


@pytest.fixture
def classic(tmp_path: Path) -> Classic:
    return Classic(make_web(tmp_path))


@pytest.mark.parametrize("blocks", [1, 3])
def test_bytes_come_back_letter_for_letter_from_a_signed_address(classic: Classic, blocks: int) -> None:
    answer = classic.register(classic.upload(CSV, blocks=blocks))
    assert answer.status == 200
    [row] = classic.rows()
    assert row["Id"] == answer.json
    assert (row["Name"], row["DataTypeId"], row["Description"]) == ("table", "GenericCSV", "rows")
    assert row["Owner"] == "Python SDK" and row["Size"] == len(CSV)
    place = row["DownloadLocation"]
    assert isinstance(place, dict)
    address = f"{place['BaseUri']}{place['Location']}{place['AccessCredential']}"
    path = address.removeprefix("http://localhost")
    fetched = classic.web.ask("GET", path)
    assert (fetched.status, fetched.body) == (200, CSV)
    assert "content-encoding" not in fetched.headers
    assert classic.web.ask("GET", path.split("?")[0]).status == 401
    assert classic.web.ask("GET", path[:-3] + "abc").status == 401
    assert classic.ask("GET", f"/api/workspaces/{classic.ws}/datasources/{row['Id']}").json["Name"] == "table"


def test_a_row_has_every_member_that_some_client_reads(classic: Classic) -> None:
    classic.register(classic.upload(CSV))
    [row] = classic.rows()
    for member in MEMBERS.split():
        assert member in row
    assert re.fullmatch(r"/Date\(\d+\)/", str(row["CreatedDate"]))
    for place in ("VisualizeEndPoint", "SchemaEndPoint", "DownloadLocation"):
        location = row[place]
        assert isinstance(location, dict)
        assert all(isinstance(location[name], str) for name in ("BaseUri", "Location", "AccessCredential"))


def test_an_update_gives_a_new_id_in_the_same_family_and_the_list_shows_the_newest(classic: Classic) -> None:
    first = classic.register(classic.upload(CSV)).json
    [row] = classic.rows()
    second = classic.register(classic.upload(b"a\n2\n"), FamilyId=row["FamilyId"]).json
    assert second != first
    [newer] = classic.rows()
    assert newer["Id"] == second and newer["FamilyId"] == row["FamilyId"]
    assert classic.ask("GET", f"/api/workspaces/{classic.ws}/datasources/{first}").status == 200


def test_a_name_of_another_family_is_a_conflict(classic: Classic) -> None:
    classic.register(classic.upload(CSV))
    answer = classic.register(classic.upload(CSV))
    assert answer.status == 409 and answer.json["error"]["code"] == "Conflict"


def test_a_name_with_a_colon_is_refused_in_the_words_that_clients_look_for(classic: Classic) -> None:
    answer = classic.register(classic.upload(CSV), "a:b")
    assert answer.status == 400
    assert "forbidden characters" in answer.body.decode()


def test_an_empty_dataset_needs_no_block(classic: Classic) -> None:
    assert classic.register(classic.upload(b"")).status == 200
    assert classic.rows()[0]["Size"] == 0


def test_r_and_powershell_send_the_bytes_at_once(classic: Classic) -> None:
    path = f"/api/resourceuploads/workspaces/{classic.ws}/?userStorage=true&dataTypeId=GenericTSV"
    answer = classic.ask("POST", path, b"a\tb\n1\t2\n")
    assert answer.status == 200
    assert classic.register(answer.json["Id"], DataTypeId="GenericTSV").status == 200
    assert classic.rows()[0]["Size"] == 8


def test_a_family_is_deleted_with_all_its_contents(classic: Classic) -> None:
    classic.register(classic.upload(CSV))
    [row] = classic.rows()
    path = f"/api/workspaces/{classic.ws}/datasources/family/{row['FamilyId']}"
    assert classic.ask("DELETE", path).status == 204
    assert classic.rows() == []
    assert classic.ask("DELETE", path).status == 404


@pytest.mark.parametrize("upload", ["", "0" * 32, "../../etc", "x"])
def test_an_upload_that_was_not_begun_is_refused(classic: Classic, upload: str) -> None:
    assert classic.register(upload).status == 400
    path = f"/api/blobuploads/workspaces/{classic.ws}/?blockId=0&uploadId={quote(upload)}"
    assert classic.ask("POST", path, b"x").status == 400


def test_a_wrong_token_is_401_and_another_workspace_404(classic: Classic) -> None:
    classic.token = "wrong"
    assert classic.ask("GET", f"/api/workspaces/{classic.ws}/datasources").status == 401
    classic.token = classic.web.token("read")
    assert classic.ask("GET", f"/api/workspaces/{'0' * 32}/datasources").status == 404
    assert classic.ask("POST", f"/api/resourceuploads/workspaces/{classic.ws}/").status == 403


def test_runs_are_experiments_and_their_outputs_are_read(classic: Classic) -> None:
    script = "open('result.csv', 'w').write('a\\n1\\n')"
    document = {
        "schema_version": 1,
        "name": "made",
        "nodes": {
            "n": {"module": "Execute Python Script", "parameters": {"Python Script": script}},
        },
    }
    workspace = classic.web.workspace
    run = workspace.submit(Submission(json.loads(json.dumps(document))))
    while not workspace.is_idle():
        workspace.events(run, 0, 0.1)
    base = f"/api/workspaces/{classic.ws}/experiments"
    [row] = classic.ask("GET", base).json
    assert re.fullmatch(rf"{classic.ws}\.f-id\.[0-9a-f]{{32}}", row["ExperimentId"])
    assert row["Description"] == "made" and row["Status"]["StatusCode"] == "Finished"
    for moment in ("CreationTime", "StartTime", "EndTime"):
        assert re.fullmatch(r"/Date\(\d+\)/", row["Status"][moment])
    path = f"{base}/{row['ExperimentId']}/outputdata/n/Result Dataset"
    assert classic.ask("GET", path).body == b"a\n1\n"
    assert classic.ask("GET", f"{base}/{row['ExperimentId']}/outputdata/n/nothing").status == 404
    assert classic.ask("GET", f"{base}/x").status == 404
