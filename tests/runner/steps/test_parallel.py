"""The driver of ParallelRunStep: what an entry script gets, what is written, which failures are borne."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.runner.steps.driving import Driven, drive, script

SCORE = """
    import argparse, os
    from azureml.core import Run
    from azureml_user.parallel_run import EntryScript

    def init():
        global factor
        parser = argparse.ArgumentParser()
        parser.add_argument("--factor", type=int)
        factor = parser.parse_known_args()[0].factor
        EntryScript().logger.info("begun")

    def run(mini_batch):
        Run.get_context().log("files", len(mini_batch))
        return [f"{os.path.basename(path)}: {int(open(path).read()) * factor}" for path in mini_batch]

    def shutdown():
        print("shut down")
"""


def numbers(work: Path, count: int = 5) -> str:
    folder = work / "inputs" / "numbers"
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.txt").write_text(str(number))
    return str(folder)


def go(work: Path, *words: str, entry: str = "score.py", arguments: tuple[str, ...] = ()) -> Driven:
    source = ["--name", "numbers", "--input", str(work / "inputs" / "numbers")]
    output = ["--output", str(work / "out")]
    return drive(work, "parallel.drive", [*source, *output, *words, "--", entry, *arguments])


def rows(work: Path, name: str = "parallel_run_step.txt") -> list[str]:
    return (work / "out" / name).read_text().splitlines()


def test_files_are_cut_into_mini_batches_and_rows_are_appended(tmp_path: Path) -> None:
    numbers(tmp_path)
    script(tmp_path, "score.py", SCORE)
    done = go(
        tmp_path, "--mini_batch_size", "2", "--process_count_per_node", "2", arguments=("--factor", "3")
    )
    assert done.code == 0, done.out
    assert rows(tmp_path) == ["0.txt: 0", "1.txt: 3", "2.txt: 6", "3.txt: 9", "4.txt: 12"]
    assert sorted(str(value) for _, value in done.metrics) == ["1", "2", "2"]
    logs = [file.read_text() for file in (done.folder / "logs/user/stdout").iterdir()]
    assert len(logs) == 2 and all("|INFO|begun" in log and "shut down" in log for log in logs)


def test_summary_only_writes_no_file_and_a_frame_is_written_without_header(tmp_path: Path) -> None:
    numbers(tmp_path)
    script(tmp_path, "score.py", SCORE)
    assert go(tmp_path, "--output_action", "summary_only", arguments=("--factor", "1")).code == 0
    assert list((tmp_path / "out").iterdir()) == []
    script(
        tmp_path,
        "frame.py",
        """
        import pandas
        def run(mini_batch, context):
            return pandas.DataFrame({"batch": context.minibatch_index, "size": [len(mini_batch)]})
        """,
    )
    done = go(tmp_path, "--mini_batch_size", "3", "--append_row_file_name", "all.txt", entry="frame.py")
    assert done.code == 0 and rows(tmp_path, "all.txt") == ["0 3", "1 2"], done.out


@pytest.mark.parametrize(
    ("threshold", "code"), [("-1", 0), ("2", 0), ("1", 1)], ids=["all borne", "just borne", "too much"]
)
def test_failed_items_count_against_the_threshold(tmp_path: Path, threshold: str, code: int) -> None:
    numbers(tmp_path)
    script(
        tmp_path,
        "score.py",
        """
        def run(mini_batch):
            if any(path.endswith("2.txt") for path in mini_batch):
                raise ValueError("no two")
            return mini_batch
        """,
    )
    words = ("--mini_batch_size", "2", "--run_max_try", "2", "--error_threshold", threshold)
    done = go(tmp_path, *words, "--process_count_per_node", "1")
    assert done.code == code, done.out
    assert "no two" in done.out and "failed after 2 tries: 0 of 2 items" in done.out
    assert ("more than the error_threshold of 1" in done.out) == (code == 1)


def test_nothing_that_succeeds_fails_the_step(tmp_path: Path) -> None:
    numbers(tmp_path, 1)
    script(tmp_path, "score.py", "def run(mini_batch):\n    return []\n")
    done = go(tmp_path)
    assert done.code == 1 and "No item of any mini-batch succeeded" in done.out


def test_an_init_that_fails_fails_the_step_with_its_trace(tmp_path: Path) -> None:
    numbers(tmp_path)
    script(
        tmp_path, "score.py", "def init():\n    raise KeyError('no model')\ndef run(mini_batch):\n    pass\n"
    )
    done = go(tmp_path)
    assert done.code == 1 and "init() of 'score.py' failed" in done.out and "no model" in done.out


def test_a_mini_batch_that_takes_too_long_or_kills_its_worker_is_tried_again(tmp_path: Path) -> None:
    numbers(tmp_path, 2)
    script(
        tmp_path,
        "score.py",
        """
        import os, time
        def run(mini_batch):
            mark = os.path.basename(mini_batch[0]) + ".seen"
            if not os.path.exists(mark):
                open(mark, "w").close()
                os._exit(3) if mark.startswith("0") else time.sleep(600)
            return mini_batch
        """,
    )
    done = go(tmp_path, "--mini_batch_size", "1", "--run_invocation_timeout", "1")
    assert done.code == 0, done.out
    assert "run() took longer than 1 s" in done.out and "The worker ended in run() with code 3" in done.out
    assert len(rows(tmp_path)) == 2


def test_partition_keys_group_files_by_their_folders(tmp_path: Path) -> None:
    for place in ("x/2020", "x/2021", "y/2020"):
        folder = tmp_path / "inputs" / "numbers" / place
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("1")
    script(
        tmp_path,
        "score.py",
        "def run(mini_batch, context):\n    return [sorted(context.partition_key_value.items())]\n",
    )
    done = go(tmp_path, "--partition_keys", '["store", "year"]')
    assert done.code == 0, done.out
    assert rows(tmp_path)[0] == "[('store', 'x'), ('year', '2020')]" and len(rows(tmp_path)) == 3
