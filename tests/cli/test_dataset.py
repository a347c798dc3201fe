from __future__ import annotations

from .commands import Commands


def test_a_dataset_is_added_listed_shown_fetched_and_deleted(skyloom: Commands) -> None:
    path = skyloom.write("pima.csv", "a\n1\n")
    assert skyloom("dataset", "add", path, "--description", "women").err.startswith(
        "Dataset 'pima' version 1"
    )
    assert skyloom("dataset", "add", path, "--json").json["version"] == 2
    assert "women" not in skyloom("dataset", "list").out
    assert [one["name"] for one in skyloom("dataset", "list", "--json").json["datasets"]] == ["pima"]
    assert "women" in skyloom("dataset", "show", "pima", "--version", "1").out
    shown = skyloom("dataset", "show", "pima", "--json").json
    assert shown["profile"]["statistics"]["records"] == [[None]]
    assert skyloom("dataset", "download", "pima", "out.csv").code == 0
    assert (skyloom.folder / "out.csv").read_text() == "a\n1\n"
    assert skyloom("dataset", "download", "pima", "-", "--format", "raw").out == "a\n1\n"
    assert skyloom("dataset", "delete", "pima", "--yes", "--json").json == {"name": "pima", "deleted": 2}
    said = skyloom("dataset", "show", "pima", "--json")
    assert (said.code, said.json["problem"]["code"]) == (3, "D060")


def test_a_file_may_get_another_name_and_type(skyloom: Commands) -> None:
    path = skyloom.write("x.csv", "a\n")
    told = skyloom("dataset", "add", path, "--name", "a / b", "--type", "File", "--json").json
    assert (told["name"], told["artifact"]["type"]) == ("a / b", "File")
    assert skyloom("dataset", "download", "a / b", "copy.bin", "--json").json["format"] == "raw"


def test_faults_are_told(skyloom: Commands) -> None:
    assert skyloom("dataset", "add", "none.csv").code == 3
    path = skyloom.write("bad.zip", "no zip")
    said = skyloom("dataset", "add", path, "--json")
    assert (said.code, said.json["problem"]["code"]) == (1, "D100")
    skyloom("dataset", "add", skyloom.write("y.csv", "a\n"))
    assert skyloom("dataset", "download", "y", "out.doc").code == 2
    assert skyloom("dataset", "download", "y", "no/where.csv").code == 1
    assert skyloom("dataset", "download", "y", "out.csv", "--format", "doc").code == 1


def test_an_empty_list_says_what_to_do(skyloom: Commands) -> None:
    for one in skyloom("dataset", "list", "--json").json["datasets"]:
        skyloom("dataset", "delete", one["name"], "--yes")
    assert "skyloom dataset add" in skyloom("dataset", "list").err
