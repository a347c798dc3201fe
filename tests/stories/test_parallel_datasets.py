"""ParallelRunStep over datasets: files and tables, cut by size and by partition keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.pipelines import Code, pipelines_home

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("steps")]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with pipelines_home() as place:
        yield place


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    return Code(home, tmp_path)


def test_datasets_of_files_and_of_tables_are_cut_into_mini_batches(code: Code) -> None:
    for store, year in (("x", 2020), ("x", 2021), ("y", 2020)):
        code.script(f"data/{store}/{year}/sales.csv", "store,amount\n" + f"{store},{year}\n" * 2)
    code.script(
        "src/files.py",
        """
        import os
        def run(mini_batch, context):
            keys = context.partition_key_value
            return [f"{keys and sorted(keys.items())} {len(open(path).readlines())}" for path in mini_batch]
        """,
    )
    code.script(
        "src/rows.py",
        """
        def run(mini_batch, context):
            print(mini_batch)
            frame = mini_batch.groupby("store", as_index=False)["amount"].sum()
            return frame
        """,
    )
    said = code(
        """
        from azureml.core import Dataset, Environment
        from azureml.data import OutputFileDatasetConfig
        from azureml.data.dataset_consumption_config import DatasetConsumptionConfig
        from azureml.pipeline.steps import ParallelRunConfig, ParallelRunStep
        store = ws.get_default_datastore()
        store.upload("data", "sales", overwrite=True, show_progress=False)
        files = Dataset.File.from_files((store, "sales/**"),
                                        partition_format="/sales/{store}/{year}/sales.csv")
        rows = Dataset.Tabular.from_delimited_files((store, "sales/**/*.csv"))

        def config(script, **more):
            return ParallelRunConfig(environment=Environment("e"), source_directory="src",
                                     entry_script=script, error_threshold=-1, output_action="append_row",
                                     process_count_per_node=1, **more)

        def step(name, config, taken):
            return ParallelRunStep(name=name, parallel_run_config=config, inputs=[taken],
                                   output=OutputFileDatasetConfig(name="out_" + name))

        parameter = PipelineParameter("sales", files)
        steps = [
            step("mounted", config("files.py", mini_batch_size="2"),
                 DatasetConsumptionConfig("taken", parameter).as_mount()),
            step("direct", config("files.py", partition_keys=["store"]), files.as_named_input("parts")),
            step("table", config("rows.py"), rows.as_named_input("rows")),
            step("keyed", config("rows.py", partition_keys=["store"]), rows.as_named_input("rows")),
        ]
        run = Experiment(ws, "cut").submit(Pipeline(ws, steps))
        run.wait_for_completion(show_output=False, raise_on_error=False)
        for name in ("mounted", "direct", "table", "keyed"):
            step = run.find_step_run(name)[0]
            if step.get_status() != "Finished":
                print(name, step.get_details_with_logs())
                continue
            output = step.get_output_data("out_" + name)
            output.download("got")
            lines = open("got/" + output.path_on_datastore + "/parallel_run_step.txt").read().splitlines()
            print(name.upper(), lines, "batches:", step.get_stdout_log().count("Mini-batch"))
        """
    )
    assert "MOUNTED ['None 3', 'None 3', 'None 3'] batches: 2" in said, said
    assert (
        "DIRECT [\"[('store', 'x')] 3\", \"[('store', 'x')] 3\", \"[('store', 'y')] 3\"] batches: 2" in said
    ), said
    assert "TABLE ['x 8082', 'y 4040'] batches: 1" in said
    assert "KEYED ['x 8082', 'y 4040'] batches: 2" in said
