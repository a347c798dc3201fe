"""Data of SDK v1 pipelines: blob storage, datasets and outputs, as yesterday's code names them."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azurite import ACCOUNT, KEY, Azurite, started_azurite
from tests.cli.commands import Commands
from tests.stories.pipelines import Code

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("pipeline-data")]

COPY = """
    import os, shutil, sys
    source, target = sys.argv[1:3]
    os.makedirs(target)
    for parent, _, names in os.walk(source):
        for name in names:
            shutil.copy(os.path.join(parent, name), os.path.join(target, "copy-" + name))
    print("got", sorted(os.listdir(source)))
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    # not below pytest's own folder, whose mode may keep boxes out at level kernel-filter
    with tempfile.TemporaryDirectory(prefix="skyloom-data-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "shared").mkdir()
        yield place


@pytest.fixture(scope="module")
def azurite(place: Path) -> Iterator[Azurite]:
    with started_azurite(place) as server:
        yield server


@pytest.fixture(scope="module")
def home(place: Path) -> Iterator[Path]:
    """A home with an agent of its own, that may ask loopback and read one folder."""
    given = {"SKYLOOM_URL_ALLOW": "127.0.0.1", "SKYLOOM_FILE_ROOTS": os.fspath(place / "shared")}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    skyloom = Commands(place / "home", place)
    try:
        if skyloom("doctor", "--json").json["isolation"] == "none":
            pytest.skip("no isolation could be proven on this machine")
        yield place / "home"
    finally:
        skyloom("agent", "stop")
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    return Code(home, tmp_path)


@pytest.mark.real("azurite")
def test_a_blob_container_from_upload_to_download(code: Code, home: Path, azurite: Azurite) -> None:
    """Issue C, must show 5: byte for byte, and the account key stands nowhere but in its own file."""
    (code.folder / "data" / "sub").mkdir(parents=True)
    content = bytes(range(256)) * 5000
    (code.folder / "data" / "raw data.bin").write_bytes(content)
    (code.folder / "data" / "sub" / "empty").write_bytes(b"")
    code.script("copy_all.py", COPY)
    said = code(
        f"""
        from azureml.exceptions import UserErrorException
        names = dict(datastore_name="blobs", container_name="pipelinedata", account_name="{ACCOUNT}",
                     endpoint="{azurite.host}", protocol="http")
        try:
            Datastore.register_azure_blob_container(ws, account_key="{KEY}", **names)
        except UserErrorException as error:
            print("NO CONTAINER", error.message)
        try:
            Datastore.register_azure_blob_container(ws, account_key="QUFB" + "{KEY}"[4:], **names)
        except UserErrorException as error:
            print("NO WAY IN", error.message)
        Datastore.register_azure_blob_container(
            ws, account_key="{KEY}", create_if_not_exists=True, **names)
        assert Datastore.register_azure_blob_container(ws, account_key="{KEY}", **names).name == "blobs"
        blobs = ws.datastores["blobs"]
        assert (blobs.datastore_type, blobs.container_name, blobs.account_name) == (
            "AzureBlob", "pipelinedata", "{ACCOUNT}")
        assert "{KEY}" not in str(vars(blobs)) + repr(blobs)
        blobs.upload("data", target_path="in", overwrite=True)
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas
        token = generate_container_sas("{ACCOUNT}", "pipelinedata", "{KEY}",
            permission=ContainerSasPermissions(read=True, list=True), expiry="2100-01-01")
        names["datastore_name"] = "by token"
        try:
            Datastore.register_azure_blob_container(ws, sas_token=token, **names)
        except UserErrorException as error:
            print("NO NAME", error.message)
        names["datastore_name"] = "by_token"
        reader = Datastore.register_azure_blob_container(ws, sas_token=token, **names)
        print("BY TOKEN", reader.download("by-token", "in/raw data.bin", show_progress=False))
        try:
            reader.upload("data", "no")
        except UserErrorException as error:
            print("READ ONLY", error.message)
        blobs.upload("data", target_path="in")
        blobs.upload("data", target_path="in-another", show_progress=False)
        given = DataReference(blobs, "given", "in")
        made = PipelineData("made", datastore=blobs)
        first = PythonScriptStep("copy_all.py", "first", [given, made], inputs=[given], outputs=[made])
        again = PipelineData("again", datastore=blobs)
        second = PythonScriptStep("copy_all.py", "second", [made, again], inputs=[made], outputs=[again])
        run = Experiment(ws, "blobs").submit(Pipeline(ws, [second]))
        run.wait_for_completion(show_output=False)
        print(run.find_step_run("first")[0].get_stdout_log())
        out = run.find_step_run("second")[0].get_output_data("again")
        assert out.datastore_name == "blobs" and out.download("down") == 2
        print("PATH", out.path_on_datastore)
        one = DataReference(blobs, "one", "in/raw data.bin")
        step = CommandStep(["wc", "-c", one], name="size", inputs=[one])
        run = Experiment(ws, "blobs").submit(Pipeline(ws, [step]))
        run.wait_for_completion(show_output=False)
        print("SIZE", run.find_step_run("size")[0].get_stdout_log())
        """
    )
    assert "NO CONTAINER P233" in said and "NO WAY IN P233" in said and "NO NAME P230" in said
    assert "BY TOKEN 1" in said and "READ ONLY P233" in said
    assert "Target already exists. Skipping upload for in/raw data.bin" in said
    assert "got ['raw data.bin', 'sub']" in said and f"{len(content)} /" in said
    path = said.split("PATH ")[1].split("\n")[0]
    assert (code.folder / "down" / path / "copy-copy-raw data.bin").read_bytes() == content
    assert (code.folder / "down" / path / "copy-copy-empty").read_bytes() == b""
    assert KEY not in said
    assert _files_with(KEY.encode(), home) == ["secrets/datastores.json"]
    assert (home / "secrets" / "datastores.json").stat().st_mode & 0o77 == 0


def _files_with(word: bytes, folder: Path) -> list[str]:
    """Every file of a home that holds these bytes: records, logs, graphs, snapshots and all."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(str(path.relative_to(folder)) for path in files if word in path.read_bytes())


PEOPLE = "name,age,born,member\nAda,36,1815-12-10,true\nBob,,1990-01-02,false\nCyd,50,1970-05-06,true\n"


def test_datasets_as_inputs_of_steps(code: Code) -> None:
    """sdk.md 6 and 11: direct gives an object, mount and download a path; variables as of old."""
    code.script("data/people.csv", PEOPLE)
    code.script("data/deep/a.txt", "a")
    code.script("data/deep/more/b.txt", "b")
    code.script(
        "src/look.py",
        """
        import os, sys
        from azureml.core import Run
        table, one, many = sys.argv[1:]
        run = Run.get_context()
        people = run.input_datasets["people"]
        assert people.id == table == os.environ["people"], table
        frame = people.to_pandas_dataframe()
        print(frame.to_csv(index=False).split(), [kind.kind for kind in frame.dtypes])
        print(people.take(1).keep_columns("name").to_pandas_dataframe().to_dict("list"))
        assert run.input_datasets["one"] == one == os.environ["one"]
        assert os.path.basename(one) == "people.csv"
        print(len(open(one).read()), sorted(os.listdir(many)), os.path.isdir(run.input_datasets["many"]))
        print(os.environ["AZUREML_DATASET_ENVIRONMENT_VARS"])
        from azureml.core import Dataset
        ws = run.experiment.workspace
        assert Dataset.get_by_id(ws, id=table).to_pandas_dataframe().equals(frame)
        print("paths", Dataset.get_by_name(ws, "many").to_path())
        try:
            Dataset.get_by_name(ws, "unknown")
        except Exception as error:
            print("refused", error)
        run.input_datasets["people"] = "changed"
        assert Run.get_context().input_datasets["people"] == "changed"
        """,
    )
    said = code(
        """
        from azureml.core import Dataset
        store = ws.get_default_datastore()
        store.upload("data", "sets", overwrite=True, show_progress=False)
        people = Dataset.Tabular.from_delimited_files(path=(store, "sets/people.csv"))
        kept = people.register(workspace=ws, name="people", description="d", tags={"a": 1})
        assert kept.version == 1 and kept.id == people.id and "people" in ws.datasets
        assert Dataset.get_by_name(ws, "people").to_pandas_dataframe().shape == (3, 4)
        one = Dataset.File.from_files((store, "sets/people.csv"))
        many = Dataset.File.from_files(path=[(store, "sets/deep/**")])
        assert many.to_path() == ["/sets/deep/a.txt", "/sets/deep/more/b.txt"]
        arguments = [ws.datasets["people"].as_named_input("people"), one.as_named_input("one").as_mount(),
                     many.as_named_input("many").as_download()]
        step = PythonScriptStep("look.py", arguments=arguments, source_directory="src")
        run = Experiment(ws, "sets").submit(Pipeline(ws, [step]))
        run.wait_for_completion(show_output=False)
        print(run.find_step_run("look.py")[0].get_stdout_log())
        found = run.find_step_run("look.py")[0].get_details()["inputDatasets"]
        assert [one["consumptionDetails"]["mechanism"] for one in found] == ["Direct", "Mount", "Download"]
        assert found[0]["dataset"] == people and run.get_details()["inputDatasets"] == []
        again = Experiment(ws, "sets").submit(Pipeline(ws, [step]))
        again.wait_for_completion(show_output=False)
        print("REUSED", again.find_step_run("look.py")[0].is_reused)
        """
    )
    assert "['name,age,born,member', 'Ada,36.0,1815-12-10,True'" in said and "['O', 'f', 'M', 'b']" in said
    assert "{'name': ['Ada']}" in said and f"{len(PEOPLE)} ['a.txt', 'more'] True" in said
    assert "paths ['/sets/deep/a.txt'" in said and "refused S020" in said
    assert "people:direct,one:mount,many:download" in said and "REUSED True" in said
    assert "look.py DatasetConsumptionConfig:people DatasetConsumptionConfig:one" in said


def test_outputs_as_datasets_from_step_to_registered(code: Code) -> None:
    """OutputFileDatasetConfig and as_dataset, read by later steps and registered on completion."""
    code.script(
        "src/make.py",
        """
        import os, sys
        from azureml.core import Run
        folder, bare = sys.argv[1:]
        assert os.path.isdir(folder) and os.environ["made"] == folder and not os.path.exists(bare)
        assert os.environ["AZUREML_DATASET_FILE_OUTPUTS"] == "made"
        assert Run.get_context().output_datasets["made"] == folder
        os.makedirs(bare)
        for place in (folder, bare):
            open(os.path.join(place, "rows.csv"), "w").write("a,b\\n1,x\\n2,y\\n")
        """,
    )
    code.script(
        "src/use.py",
        """
        import os, sys
        from azureml.core import Run
        run = Run.get_context()
        print("files", sorted(os.listdir(sys.argv[1])), sys.argv[1] == run.input_datasets["files"])
        print("table", run.input_datasets["table"].to_pandas_dataframe().to_dict("list"))
        print("parsed", run.input_datasets["parsed"].to_pandas_dataframe().to_dict("list"))
        """,
    )
    said = code(
        """
        from azureml.core import Dataset
        from azureml.data import OutputFileDatasetConfig
        store = ws.get_default_datastore()
        made = OutputFileDatasetConfig("made", destination=(store, "out/{run-id}/{output-name}"))
        bare = PipelineData("bare", datastore=store).as_dataset()
        make = PythonScriptStep("make.py", arguments=[made.register_on_complete("rows"), bare],
                                outputs=[bare], source_directory="src")
        table = made.read_delimited_files().drop_columns("b")
        use = PythonScriptStep("use.py", arguments=[made.as_input("files")],
                               inputs=[table.as_input("table"),
                                       bare.parse_delimited_files().as_named_input("parsed")],
                               source_directory="src")
        run = Experiment(ws, "outputs").submit(Pipeline(ws, [use]))
        run.wait_for_completion(show_output=False)
        print(run.find_step_run("use.py")[0].get_stdout_log())
        step = run.find_step_run("make.py")[0]
        assert step.get_output_data("made").path_on_datastore == f"out/{step.id}/made"
        rows = Dataset.get_by_name(ws, "rows")
        assert step.get_details()["outputDatasets"][0]["identifier"] == {"registeredName": "rows"}
        assert type(rows).__name__ == "FileDataset" and rows.to_path() == [f"/out/{step.id}/made/rows.csv"]
        again = Experiment(ws, "outputs").submit(Pipeline(ws, [use]))
        again.wait_for_completion(show_output=False)
        print([step.is_reused for step in again.get_steps()], Dataset.get_by_name(ws, "rows").version)
        """
    )
    assert "files ['rows.csv'] True" in said and "table {'a': [1, 2]}" in said
    assert "parsed {'a': [1, 2], 'b': ['x', 'y']}" in said
    assert "[True, True] 1" in said


def test_data_as_parameters_of_a_pipeline(code: Code) -> None:
    """DataPath and datasets as parameters; another place at submission, and a destination of one's own."""
    for name in ("one", "two"):
        code.script(f"data/{name}/{name}.txt", name)
    code.script(
        "src/show.py",
        """
        import os, sys
        place = os.environ["AZUREML_DATAREFERENCE_place"]
        print("place", sorted(os.listdir(sys.argv[1])), sys.argv[1] == place)
        print("set", sorted(os.listdir(sys.argv[2])))
        open(os.path.join(sys.argv[3], "done"), "w").close()
        """,
    )
    said = code(
        """
        from azureml.core import Dataset
        from azureml.data import OutputFileDatasetConfig
        from azureml.data.datapath import DataPath, DataPathComputeBinding
        from azureml.data.dataset_consumption_config import DatasetConsumptionConfig
        store = ws.get_default_datastore()
        store.upload("data", "params", overwrite=True, show_progress=False)
        sets = {name: Dataset.File.from_files((store, "params/" + name)) for name in ("one", "two")}
        place = PipelineParameter("place", DataPath(store, "params/one"))
        bound = (place, DataPathComputeBinding(mode="mount"))
        chosen = DatasetConsumptionConfig("chosen", PipelineParameter("chosen_set", sets["one"])).as_mount()
        out = OutputFileDatasetConfig("out", destination=(store, PipelineParameter("where", "here/it/is")))
        step = PythonScriptStep("show.py", arguments=[bound, chosen, out], inputs=[bound, chosen],
                                outputs=[out], source_directory="src")
        pipeline = Pipeline(ws, [step])
        assert pipeline.validate() == []
        def go(**values):
            run = Experiment(ws, "data-parameters").submit(pipeline, pipeline_parameters=values)
            run.wait_for_completion(show_output=False)
            found = run.find_step_run("show.py")[0]
            print(found.get_stdout_log(), found.is_reused, found.get_output_data("out").path_on_datastore)
        go()
        go()
        go(place=DataPath(store, "params/two"), chosen_set=sets["two"], where="there")
        for wrong in (3, "params/two"):
            try:
                go(place=wrong)
            except Exception as error:
                print("REFUSED", type(error).__name__)
        try:
            go(chosen_set=Dataset.Tabular.from_delimited_files((store, "params/one"), validate=False))
        except TypeError as error:
            print("KIND", error)
        """
    )
    assert "place ['one.txt'] True" in said and "set ['one.txt']" in said and "True here/it/is" in said
    assert "place ['two.txt'] True" in said and "set ['two.txt']" in said and "False there" in said
    assert said.count("REFUSED Exception") == 2 and "KIND" in said


def test_web_addresses_are_asked_only_where_that_is_allowed(code: Code) -> None:
    """Loopback is listed for this agent, and so its files can be had; the web's own rule is Import Data's."""
    code.script("web/iris.csv", "a,b\n1,2\n")
    said = code(
        """
        import functools, http.server, threading
        from azureml.core import Dataset
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="web"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/iris.csv"
        table = Dataset.Tabular.from_delimited_files(url)
        print(table.to_pandas_dataframe().to_dict("list"))
        print(Dataset.File.from_files(url).download("down"))
        for wrong in ("http://localhost:1/iris.csv", url + "x", "file:///etc/passwd"):
            try:
                Dataset.File.from_files(wrong)
            except Exception as error:
                print(type(error).__name__, error.message)
        """
    )
    assert "{'a': [1], 'b': [2]}" in said and "/iris.csv']" in said
    assert "DatasetValidationError D064" in said and "DatasetValidationError D065" in said
    assert "UserErrorException 'file:///etc/passwd'" in said


def test_a_database_is_read_and_files_are_transferred(code: Code, place: Path) -> None:
    """DataTransferStep between any two stores; rows of a query as CSV, and as a dataset of their own."""
    with sqlite3.connect(place / "shared" / "shop.db") as database:
        database.execute("CREATE TABLE sales (item TEXT, price REAL)")
        database.executemany("INSERT INTO sales VALUES (?, ?)", [("pen", 1.5), ("ink, red", 4.0)])
    database.close()
    (place / "shared" / "files" / "deep").mkdir(parents=True)
    (place / "shared" / "files" / "a.txt").write_text("a")
    (place / "shared" / "files" / "deep" / "b.txt").write_text("b")
    code.script("src/cat.py", "import sys; print('READ', repr(open(sys.argv[1]).read()))")
    code.script(
        "src/rows.py",
        "from azureml.core import Run; print(Run.get_context().input_datasets['rows'].to_pandas_dataframe())",
    )
    said = code(
        f"""
        from azureml.core import Dataset
        from azureml.data.sql_data_reference import SqlDataReference
        from azureml.pipeline.steps import DataTransferStep
        shop = Datastore.register_sqlite(ws, "shop", "{place}/shared/shop.db")
        folder = Datastore.register_local_folder(ws, "folder", "{place}/shared/files")
        files = Datastore.get(ws, "workspacefilestore")
        blobs = ws.get_default_datastore()
        blobs.upload_files(["src/cat.py"], target_path="moved", show_progress=False)
        table = SqlDataReference(shop, "table", sql_table="sales")
        one = DataTransferStep("rows to csv", table, files.path("sales/all.csv", "csv"))
        two = DataTransferStep("folder to blob", folder.path(None, "all"), blobs.path("moved", "moved"),
                               source_reference_type="directory", destination_reference_type="directory")
        three = DataTransferStep("file into folder", folder.path("a.txt", "one"),
                                 blobs.path("single", "single"),
                                 destination_reference_type="directory")
        use = PythonScriptStep("cat.py", arguments=[one.get_output()], inputs=[one.get_output()],
                               source_directory="src")
        query = Dataset.Tabular.from_sql_query((shop, "SELECT item FROM sales WHERE price > 2"))
        assert query.to_pandas_dataframe()["item"].tolist() == ["ink, red"]
        rows = PythonScriptStep("rows.py", inputs=[query.as_named_input("rows")], source_directory="src")
        run = Experiment(ws, "transfer").submit(Pipeline(ws, [use, two, three, rows]))
        run.wait_for_completion(show_output=False)
        for name in ("cat.py", "rows.py", "folder to blob"):
            print(run.find_step_run(name)[0].get_stdout_log())
        files.download("down", "sales", show_progress=False)
        blobs.download("down", "moved", show_progress=False)
        print(Dataset.File.from_files((blobs, ["moved", "single"])).to_path())
        wrong = DataTransferStep("wrong", folder.path(None, "all"), blobs.path("x", "x"),
                                 source_reference_type="file")
        run = Experiment(ws, "transfer").submit(Pipeline(ws, [wrong]))
        print(run.wait_for_completion(show_output=False, raise_on_error=False))
        print(run.find_step_run("wrong")[0].get_details()["error"])
        """
    )
    csv = '"item","price"\n"pen",1.5\n"ink, red",4\n'
    assert f"READ {csv!r}" in said and "ink, red" in said.split("READ")[1]
    assert (code.folder / "down" / "sales" / "all.csv").read_text() == csv
    assert "['/moved/a.txt', '/moved/cat.py', '/moved/deep/b.txt', '/single/a.txt']" in said
    assert "2 files are in 'workspaceblobstore' at 'moved'" in said
    assert "Failed" in said and "The source is a folder, and the step says that it is a file." in said
    assert (place / "shared" / "files" / "a.txt").read_text() == "a"


def test_a_large_input_is_not_copied_and_may_become_a_result(code: Code) -> None:
    """Where boxes have an identity of their own: read-only, and moving it changes nothing behind it."""
    with open(code.folder / "large.bin", "wb") as file:
        file.truncate(17 * 1024 * 1024)
    code.script(
        "src/move.py",
        """
        import os, sys
        source, target = sys.argv[1:]
        print("names", os.stat(source).st_nlink, os.stat(source).st_size)
        os.rename(source, target)
        """,
    )
    said = code(
        """
        store = ws.get_default_datastore()
        store.upload_files(["large.bin"], target_path="large", show_progress=False)
        given = store.path("large/large.bin", "given")
        made = PipelineData("made", datastore=store)
        move = PythonScriptStep("move.py", "move", [given, made], inputs=[given], outputs=[made],
                                source_directory="src")
        again = PipelineData("again", datastore=store)
        next = PythonScriptStep("move.py", "next", [made, again], inputs=[made], outputs=[again],
                                source_directory="src")
        run = Experiment(ws, "large").submit(Pipeline(ws, [next]))
        run.wait_for_completion(show_output=False)
        for name in ("move", "next"):
            print(run.find_step_run(name)[0].get_stdout_log())
        out = run.find_step_run("next")[0].get_output_data("again")
        print(out.download("."), os.path.getsize(out.path_on_datastore))
        print(store.download("first", "large", show_progress=False), os.path.getsize("first/large/large.bin"))
        """
    )
    size = 17 * 1024 * 1024
    names = 2 if os.geteuid() == 0 else 1
    assert said.count(f"names {names} {size}") == 2
    assert said.count(f"1 {size}") >= 2
