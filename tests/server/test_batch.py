"""Blobs, batch jobs and retraining (services.md 1.3, 1.4, 1.5) over a workspace in memory."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from skyloom.core.blob import BlobRef
from skyloom.core.identity import Json

from .asking import Answer
from .test_webservices import Served
from .web import make_web

COPY: Json = {
    "schema_version": 1,
    "name": "copy",
    "nodes": {
        "a": {
            "module": "Execute Python Script",
            "parameters": {
                "Python Script": "import shutil, sys; shutil.copy(sys.argv[1], 'result.csv')",
            },
        }
    },
    "inputs": {"input1": {"targets": ["a.Dataset1"]}},
    "outputs": {"output1": "a"},
}
TABLE = b"a,b\n1,x\n2,y\n"


class Batched(Served):
    """A service that copies its input, and its storage."""

    def __init__(self, home: Path, document: Json = COPY) -> None:
        super().__init__(make_web(home))
        body = json.dumps({"document": document, "service": self.service}).encode()
        answer = self.web.ask("POST", "/api/v1/services", body, token=self.token)
        assert answer.status == 201, answer.body
        self.account_key = self.web.workspace.blobs.account_key
        self.connection = f"DefaultEndpointsProtocol=https;AccountName=skyloom;AccountKey={self.account_key}"

    def jobs(self, method: str, path: str = "", body: object = None, key: str | None = None) -> Answer:
        endpoint = self.endpoint()
        sent = b"" if body is None else json.dumps(body).encode()
        target = f"/workspaces/{self.web.desk.workspace_id}/services/{endpoint.id}/jobs{path}"
        return self.web.ask(method, f"{target}?api-version=2.0", sent, token=key or endpoint.primary_key)

    def put(self, path: str, content: bytes, **query: str) -> Answer:
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        target = f"/blobstore/skyloom/{path}" + (f"?{asked}" if asked else "")
        return self.web.ask("PUT", target, content, token=self.token)

    def ref(self, path: str) -> dict[str, Json]:
        return {"ConnectionString": self.connection, "RelativeLocation": path}

    def ended(self, job: str) -> dict[str, Json]:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            told: dict[str, Json] = self.jobs("GET", f"/{job}").json
            assert told.keys() == {"StatusCode", "Results", "Details"}
            if told["StatusCode"] not in ("NotStarted", "Running"):
                return told
            time.sleep(0.05)
        raise AssertionError("the job goes on")

    def run(self, outputs: dict[str, Json] | None = None) -> dict[str, Json]:
        self.put("in/table.csv", TABLE)
        body = {"Inputs": {"input1": self.ref("in/table.csv")}, "Outputs": outputs, "GlobalParameters": None}
        job = self.jobs("POST", "", body).json
        assert self.jobs("POST", f"/{job}/start").status == 204
        return self.ended(job)


@pytest.fixture
def batched(tmp_path: Path) -> Batched:
    return Batched(tmp_path)


# --- jobs ---


def test_a_job_goes_from_not_started_to_finished_and_its_result_is_fetched_by_address_alone(
    batched: Batched,
) -> None:
    batched.put("in/table.csv", TABLE)
    answer = batched.jobs("POST", "", {"Inputs": {"input1": batched.ref("/in/table.csv")}})
    assert answer.status == 200 and len(answer.json) == 32
    assert batched.jobs("GET", f"/{answer.json}").json == {
        "StatusCode": "NotStarted",
        "Results": None,
        "Details": None,
    }
    started = batched.jobs("POST", f"/{answer.json}/start")
    assert (started.status, started.body) == (204, b"")
    ended = batched.ended(answer.json)
    assert ended["StatusCode"] == "Finished"
    results = ended["Results"]
    assert isinstance(results, dict)
    result = results["output1"]
    assert isinstance(result, dict) and result["ConnectionString"] is None
    assert str(result["BaseLocation"]).endswith("/")
    address = f"{result['BaseLocation']}{result['RelativeLocation']}{result['SasBlobToken']}"
    fetched = batched.web.ask("GET", address.removeprefix("http://localhost"))
    assert (fetched.status, fetched.body) == (200, TABLE)


def test_an_output_is_written_where_the_job_says(batched: Batched) -> None:
    ended = batched.run({"output1": batched.ref("out/folder/scored.csv")})
    results = ended["Results"]
    assert isinstance(results, dict) and isinstance(results["output1"], dict)
    assert results["output1"]["RelativeLocation"] == "out/folder/scored.csv"
    fetched = batched.web.ask("GET", "/blobstore/skyloom/out/folder/scored.csv", token=batched.token)
    assert fetched.body == TABLE


def test_a_file_is_read_with_the_types_of_the_endpoint(batched: Batched) -> None:
    batched.run()
    known = batched.endpoint().inputs["input1"]
    assert known and batched.web.workspace.typed == {"table.csv": known}


def test_a_second_start_is_refused_and_a_delete_after_the_end_is_harmless(batched: Batched) -> None:
    batched.put("in/table.csv", TABLE)
    job = batched.jobs("POST", "", {"Input": batched.ref("in/table.csv")}).json
    assert batched.jobs("POST", f"/{job}/start").status == 204
    again = batched.jobs("POST", f"/{job}/start")
    assert again.status == 400
    assert again.json["error"]["code"] == "InvalidOperation"
    assert again.json["error"]["details"][0]["code"] == "CannotStartJob"
    batched.ended(job)
    assert batched.jobs("DELETE", f"/{job}").status == 204
    assert batched.ended(job)["StatusCode"] == "Finished"


def test_a_job_that_is_canceled_says_so(tmp_path: Path) -> None:
    document = json.loads(json.dumps(COPY))
    document["nodes"]["a"]["parameters"]["Python Script"] = "import time; time.sleep(20)"
    batched = Batched(tmp_path, document)
    batched.put("in/table.csv", TABLE)
    job = batched.jobs("POST", "", {"Input": batched.ref("in/table.csv")}).json
    batched.jobs("POST", f"/{job}/start")
    assert batched.jobs("DELETE", f"/{job}").status == 204
    assert batched.ended(job)["StatusCode"] == "Cancelled"


def test_a_job_whose_script_fails_tells_why(tmp_path: Path) -> None:
    document = json.loads(json.dumps(COPY))
    document["nodes"]["a"]["parameters"]["Python Script"] = "raise SystemExit(1)"
    ended = Batched(tmp_path, document).run()
    assert ended["StatusCode"] == "Failed" and ended["Results"] is None
    assert "requestId = " in str(ended["Details"])


def _refusal(batched: Batched, body: object) -> tuple[int, str]:
    answer = batched.jobs("POST", "", body)
    return answer.status, answer.json["error"]["details"][0]["code"]


def test_what_does_not_fit_has_the_documented_code(batched: Batched) -> None:
    batched.put("in/table.csv", TABLE)
    good = batched.ref("in/table.csv")
    for body, code in (
        ({}, "BatchJobInputsNotSpecified"),
        ({"Input": good, "Inputs": {"input1": good}}, "DuplicateInputInBatchCall"),
        ({"Inputs": {"input1": good, "nobody": good}}, "InvalidInputNames"),
        ({"Inputs": {"input1": batched.ref("in/table.txt")}}, "InvalidBlobExtension"),
        ({"Inputs": {"input1": good}, "Outputs": {"output1": batched.ref("out/x.ilearner")}}, None),
        ({"Inputs": {"input1": good}, "Outputs": {"nobody": good}}, "InvalidOutputOverrideName"),
        ({"Inputs": {"input1": good}, "GlobalParameters": {"nobody": 1}}, "UnexpectedParameter"),
        ({"Inputs": {"input1": {"ConnectionString": batched.connection}}}, "MissingInputBlobInformation"),
        ({"Inputs": {"input1": batched.ref("in/../../x.csv")}}, "InputBlobRelativeLocationInvalid"),
        (
            {"Inputs": {"input1": {**good, "ConnectionString": "AccountName=skyloom;AccountKey=eA=="}}},
            "InvalidBlobConnectionString",
        ),
        (
            {"Inputs": {"input1": {**good, "ConnectionString": "AccountName=other;AccountKey=eA=="}}},
            "InvalidBlobConnectionString",
        ),
    ):
        assert _refusal(batched, body) == (400, code or "InvalidBlobExtension"), body


def test_a_location_elsewhere_is_never_called(batched: Batched) -> None:
    for base in (
        "https://evil.example/",
        "http://169.254.169.254/latest/",
        "file:///etc/",
        "https://skyloom.blob.core.windows.net/",
    ):
        ref = {"BaseLocation": base, "RelativeLocation": "in/table.csv", "SasBlobToken": "?sig=x"}
        assert _refusal(batched, {"Inputs": {"input1": ref}}) == (400, "InvalidBlobConnectionString")


def test_an_endpoints_key_reads_no_blob_without_a_signature(batched: Batched) -> None:
    batched.put("in/table.csv", TABLE)
    base = "http://localhost/blobstore/skyloom/"
    ref = {"BaseLocation": base, "RelativeLocation": "in/table.csv", "SasBlobToken": ""}
    assert _refusal(batched, {"Inputs": {"input1": ref}})[1] == "InvalidBlobConnectionString"
    signed = batched.web.workspace.blobs.sign("/blobstore/skyloom/in/table.csv")
    body = {"Inputs": {"input1": {**ref, "SasBlobToken": signed}}}
    assert batched.jobs("POST", "", body).status == 200


def test_no_credential_of_a_request_is_kept(batched: Batched) -> None:
    batched.put("in/table.csv", TABLE)
    job = batched.jobs("POST", "", {"Inputs": {"input1": batched.ref("in/table.csv")}}).json
    kept = batched.web.workspace.batch.find(batched.endpoint().id, job)
    assert batched.account_key not in repr(kept)


def test_jobs_of_another_endpoint_are_not_there(batched: Batched) -> None:
    batched.put("in/table.csv", TABLE)
    job = batched.jobs("POST", "", {"Input": batched.ref("in/table.csv")}).json
    batched.manage("PUT", "/endpoints/one", {})
    other = batched.endpoint("one")
    path = f"/workspaces/{batched.web.desk.workspace_id}/services/{other.id}/jobs/{job}"
    assert batched.web.ask("GET", path, token=other.primary_key).status == 400
    assert batched.jobs("GET", f"/{job}", key=other.primary_key).status == 403


# --- blobs ---


def test_blocks_become_a_blob_in_the_order_of_their_list(batched: Batched) -> None:
    one, two = (base64.b64encode(text).decode() for text in (b"block-1", b"block-2"))
    assert batched.put("c/x.csv", b"world", comp="block", blockid=two).status == 201
    assert batched.put("c/x.csv", b"hello ", comp="block", blockid=one).status == 201
    body = f"<?xml version='1.0'?><BlockList><Latest>{one}</Latest><Latest>{two}</Latest></BlockList>"
    answer = batched.put("c/x.csv", body.encode(), comp="blocklist")
    assert answer.status == 201
    for name in ("etag", "last-modified", "x-ms-request-server-encrypted"):
        assert answer.headers[name]
    assert batched.web.ask("GET", "/blobstore/skyloom/c/x.csv", token=batched.token).body == b"hello world"


def test_a_list_with_a_block_that_was_not_sent_is_refused(batched: Batched) -> None:
    body = b"<BlockList><Latest>eA==</Latest></BlockList>"
    assert batched.put("c/x.csv", body, comp="blocklist").status == 400


def test_a_range_is_206_and_tells_the_whole(batched: Batched) -> None:
    batched.put("c/x.csv", b"0123456789")
    headers = {"x-ms-range": "bytes=2-4"}
    answer = batched.web.ask("GET", "/blobstore/skyloom/c/x.csv", token=batched.token, headers=headers)
    assert (answer.status, answer.body) == (206, b"234")
    assert answer.headers["content-range"] == "bytes 2-4/10"
    assert answer.headers["x-ms-blob-type"] == "BlockBlob" and answer.headers["etag"]


def test_a_range_of_an_empty_blob_is_416(batched: Batched) -> None:
    batched.put("c/empty.csv", b"")
    headers = {"x-ms-range": "bytes=0-33554431"}
    answer = batched.web.ask("GET", "/blobstore/skyloom/c/empty.csv", token=batched.token, headers=headers)
    assert answer.status == 416


def test_a_blob_that_is_not_there_says_so_in_xml(batched: Batched) -> None:
    answer = batched.web.ask("GET", "/blobstore/skyloom/c/nobody.csv", token=batched.token)
    assert answer.status == 404 and b"<Code>BlobNotFound</Code>" in answer.body


def test_blobs_open_to_a_key_a_signature_or_a_token_and_to_nobody_else(batched: Batched) -> None:
    batched.put("c/x.csv", b"x")
    path = "/blobstore/skyloom/c/x.csv"
    blobs = batched.web.workspace.blobs
    assert batched.web.ask("GET", path).status == 403
    assert batched.web.ask("GET", path, token=batched.endpoint().primary_key).status == 403
    assert batched.web.ask("PUT", path, b"y", token=batched.web.token("read")).status == 403
    assert batched.web.ask("GET", path + blobs.sign(path)).status == 200
    assert batched.web.ask("PUT", path + blobs.sign(path), b"y").status == 403
    assert batched.web.ask("GET", path + blobs.sign(path, -1)).status == 403
    assert batched.web.ask("GET", path + blobs.sign("/blobstore/skyloom/c/y.csv")).status == 403
    assert batched.web.ask("GET", path + "?se=99999999999&sp=r&sig=AAAA").status == 403


def test_the_accounts_signature_opens_it(batched: Batched) -> None:
    key = base64.b64decode(batched.account_key)

    def signed(method: str, body: bytes) -> dict[str, str]:
        headers = {
            "x-ms-date": "Thu, 01 Jan 2026 00:00:00 GMT",
            "x-ms-version": "2016-05-31",
            "x-ms-blob-type": "BlockBlob",
            "content-length": str(len(body)) if body else "",
        }
        own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-ms"))
        text = f"{method}\n\n\n{headers['content-length']}\n\n\n\n\n\n\n\n\n{own}/skyloom/c/my file.csv"
        signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
        headers["authorization"] = f"SharedKey skyloom:{signature}"
        return {name: value for name, value in headers.items() if value}

    path = "/blobstore/skyloom/c/my file.csv"
    assert batched.web.ask("PUT", path, b"x,y", headers=signed("PUT", b"x,y")).status == 201
    assert batched.web.ask("GET", path, headers=signed("GET", b"")).body == b"x,y"
    assert batched.web.ask("DELETE", path, headers=signed("GET", b"")).status == 403


def test_a_downloaded_blob_is_no_page(batched: Batched) -> None:
    batched.put("c/x.html", b"<script>alert(1)</script>")
    answer = batched.web.ask("GET", "/blobstore/skyloom/c/x.html", token=batched.token)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "content-encoding" not in answer.headers


# --- retraining ---

WITH_MODEL: Json = {
    "schema_version": 1,
    "nodes": {
        "m": {
            "reference": {"datastore": "workspaceartifactstore", "path": "MODEL"},
            "type": "ILearner",
            "title": "Income",
        },
        "a": {"module": "Execute Python Script", "parameters": {"Python Script": "pass"}},
    },
    "inputs": {"input1": {"targets": ["a.Dataset1"]}},
    "outputs": {"output1": "a"},
}


@pytest.fixture
def trained(tmp_path: Path) -> Batched:
    """A service with a trained model in its graph, and a further endpoint."""
    web = make_web(tmp_path / "first")
    model = web.workspace.upload(_stream(b"old model"), "old.ilearner", "ILearner")
    document = json.loads(json.dumps(WITH_MODEL).replace("MODEL", model.digest))
    batched = Batched(tmp_path / "second")
    batched.web.workspace.upload(_stream(b"old model"), "old.ilearner", "ILearner")
    body = json.dumps({"document": document, "service": batched.service}).encode()
    answer = batched.web.ask("POST", "/api/v1/services", body, token=batched.token)
    assert answer.status == 201, answer.body
    batched.manage("PUT", "/endpoints/retrained", {})
    return batched


def _stream(content: bytes):  # type: ignore[no-untyped-def]
    import io

    return io.BytesIO(content)


def _patch(batched: Batched, name: str, endpoint: str = "retrained", path: str = "m/new.ilearner") -> Answer:
    body = {"Resources": [{"Name": name, "Location": batched.ref(path)}]}
    key = batched.endpoint(endpoint).primary_key
    return batched.manage("PATCH", f"/endpoints/{endpoint}", body, token=key)


def test_a_patch_swaps_the_model_of_one_endpoint_with_its_own_key(trained: Batched) -> None:
    [resource] = trained.manage("GET", "/endpoints/retrained").json["Resources"]
    assert (resource["Name"], resource["Kind"]) == ("Income [trained model]", "Trained Model")
    trained.put("m/new.ilearner", b"new model")
    assert _patch(trained, "Income [trained model]").status == 204
    blob = trained.web.workspace.blobs.find(BlobRef("m", "new.ilearner"))
    assert blob.artifact.digest in trained.endpoint("retrained").content_in_use()
    assert blob.artifact.digest not in trained.endpoint().content_in_use()
    assert trained.endpoint("retrained").version == 2


def test_a_refresh_keeps_the_patched_model_unless_it_is_told_to_overwrite(trained: Batched) -> None:
    trained.put("m/new.ilearner", b"new model")
    _patch(trained, "Income [trained model]")
    kept = trained.endpoint("retrained").content_in_use()
    refresh = "/endpoints/retrained/refresh"
    assert trained.manage("POST", refresh, {"OverwriteResources": "False"}).status == 304
    assert trained.endpoint("retrained").content_in_use() == kept
    assert trained.manage("POST", refresh, {"OverwriteResources": "True"}).status == 204
    assert trained.endpoint("retrained").content_in_use() == trained.endpoint().content_in_use()


def test_a_patch_that_does_not_fit_is_refused(trained: Batched) -> None:
    trained.put("m/new.ilearner", b"new model")
    trained.put("m/table.csv", TABLE)
    assert _patch(trained, "Nobody [trained model]").status == 422
    mismatch = _patch(trained, "Income [trained model]", path="m/table.csv")
    assert mismatch.status == 409
    assert mismatch.json["error"]["details"][0]["code"] == "ModelOutputMetadataMismatch"
    assert _patch(trained, "Income [trained model]", path="m/gone.ilearner").status == 400
    assert _patch(trained, "Income [trained model]", endpoint="default").status == 400
    trained.manage("PUT", "/endpoints/retrained", {"PreventUpdate": True})
    assert _patch(trained, "Income [trained model]").status == 409
