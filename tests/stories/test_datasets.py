"""The story of a dataset: added, listed, looked at, used, fetched, replaced, deleted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.commands import Commands
from tests.stories.graph_runs import frame_of, run_graph, script

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

FRAME = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, 1.5, 2.5], "s": ["a", "b, with comma", 'a "quote"']})
ARFF = (
    "@relation story\n@attribute n numeric\n@attribute x numeric\n@attribute s string\n"
    "@data\n1,0.5,a\n2,1.5,'b, with comma'\n3,2.5,'a \"quote\"'\n"
)
TABLES = ("csv", "tsv", "arff", "parquet")


def write_table(folder: Path, ending: str) -> str:
    path = folder / f"story.{ending}"
    match ending:
        case "csv":
            FRAME.to_csv(path, index=False)
        case "tsv":
            FRAME.to_csv(path, sep="\t", index=False)
        case "arff":
            path.write_text(ARFF)
        case "parquet":
            FRAME.to_parquet(path)
    return str(path)


@pytest.mark.parametrize("ending", TABLES)
def test_a_table_goes_in_and_comes_out_in_every_format(ending: str, skyloom: Commands) -> None:
    name = f"story {ending}"
    added = skyloom("dataset", "add", write_table(skyloom.folder, ending), "--name", name, "--json").json
    assert (added["name"], added["version"], added["artifact"]["type"]) == (name, 1, "Dataset")
    assert (added["facts"]["rows"], added["facts"]["columns"]) == (3, 3)
    listed = skyloom("dataset", "list", "--json").json["datasets"]
    assert name in [one["name"] for one in listed] and name in skyloom("dataset", "list").out
    shown = skyloom("dataset", "show", name, "--json").json
    assert [column["name"] for column in shown["profile"]["data"]["features"]] == ["n", "x", "s"]
    for other in TABLES:
        said = skyloom("dataset", "download", name, f"back-{ending}.{other}")
        assert said.code == 0, said.err
    for back in (
        pd.read_parquet(skyloom.folder / f"back-{ending}.parquet"),
        pd.read_csv(skyloom.folder / f"back-{ending}.csv"),
        pd.read_csv(skyloom.folder / f"back-{ending}.tsv", sep="\t"),
    ):
        pd.testing.assert_frame_equal(back, FRAME, check_dtype=False)
    deleted = skyloom("dataset", "delete", name, "--yes", "--json").json
    assert deleted == {"name": name, "deleted": 1}
    assert skyloom("dataset", "show", name).code == 3


def test_a_person_is_shown_the_statistics_of_every_column(skyloom: Commands) -> None:
    said = skyloom("dataset", "show", "Iris").out.lower()
    assert all(word in said for word in ("sepal width", "species", "mean", "missing"))


def test_an_arff_that_was_downloaded_is_read_again(skyloom: Commands) -> None:
    skyloom("dataset", "add", write_table(skyloom.folder, "csv"), "--name", "once")
    skyloom("dataset", "download", "once", "again.arff")
    said = skyloom("dataset", "add", "again.arff", "--name", "twice")
    assert said.code == 0, said.err
    skyloom("dataset", "download", "twice", "twice.csv")
    pd.testing.assert_frame_equal(pd.read_csv(skyloom.folder / "twice.csv"), FRAME, check_dtype=False)


def test_a_zip_is_kept_as_it_is(skyloom: Commands) -> None:
    path = skyloom.folder / "bundle.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("thing.py", "VALUE = 42\n")
    added = skyloom("dataset", "add", str(path), "--json").json
    assert (added["name"], added["artifact"]["type"]) == ("bundle", "Zip")
    assert skyloom("dataset", "download", "bundle", "back.zip").code == 0
    assert (skyloom.folder / "back.zip").read_bytes() == path.read_bytes()
    use = "import thing\ndef azureml_main():\n    return [thing.VALUE]\n"
    nodes = {
        "bundle": {"dataset": "bundle", "type": "Zip"},
        "use": script(use, inputs={"Script Bundle": "bundle"}),
    }
    assert frame_of(run_graph(skyloom, nodes), "use")["column"][0] == 42
    assert skyloom("dataset", "delete", "bundle", "--yes").code == 0


def test_a_new_version_does_not_change_what_an_old_run_used(skyloom: Commands) -> None:
    look = "def azureml_main(dataframe1):\n    return dataframe1,\n"
    nodes = {"data": {"dataset": "versions"}, "look": script(look, inputs={"Dataset1": "data"})}
    for version in (1, 2):
        skyloom.write("versions.csv", f"n\n{version}\n")
        added = skyloom("dataset", "add", "versions.csv", "--json").json
        assert added["version"] == version
        assert frame_of(run_graph(skyloom, nodes), "look")["n"][0] == version
    nodes["data"] = {"dataset": {"name": "versions", "version": 1}}
    report = run_graph(skyloom, nodes)
    assert frame_of(report, "look")["n"][0] == 1 and report["nodes"]["look"]["reused_from"]


def test_a_dataset_that_is_not_there_is_told_with_a_near_name(skyloom: Commands) -> None:
    said = skyloom("dataset", "show", "Irs")
    assert said.code == 3 and "Did you mean 'Iris'?" in said.err
