"""Kedro: nodes in a pool of processes that is reused within a run, results in pickle files."""

from __future__ import annotations

import os
import tempfile

import pandas
from kedro.io import DataCatalog, SharedMemoryDataCatalog
from kedro.pipeline import Pipeline, node, pipeline
from kedro.runner import ParallelRunner, SequentialRunner
from kedro_datasets.pickle import PickleDataset
from serving import CHAIN, FAN, serve


def step(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.assign(c=frame["a"] * 2)


def stored(names: list[str], kind: type[DataCatalog]) -> DataCatalog:
    folder = tempfile.mkdtemp()
    datasets = {name: PickleDataset(filepath=os.path.join(folder, name)) for name in names}
    catalog = kind(datasets)
    catalog["ten"].save(pandas.DataFrame({"a": range(10)}))
    return catalog


CHAINED = pipeline(
    [
        node(step, "ten" if place == 0 else f"c{place - 1}", f"c{place}", name=f"c{place}")
        for place in range(CHAIN)
    ]
)
FANNED = pipeline([node(step, "ten", f"f{place}", name=f"f{place}") for place in range(FAN)])
ONE = pipeline([node(step, "ten", "one", name="one")])


def side_by_side(graph: Pipeline) -> None:
    ParallelRunner(max_workers=2).run(graph, stored(sorted(graph.datasets()), SharedMemoryDataCatalog))


def in_process(graph: Pipeline) -> None:
    SequentialRunner().run(graph, stored(sorted(graph.datasets()), DataCatalog))


if __name__ == "__main__":
    serve(
        {
            "one": lambda: side_by_side(ONE),
            "one_in_process": lambda: in_process(ONE),
            "chain": lambda: side_by_side(CHAINED),
            "chain_in_process": lambda: in_process(CHAINED),
            "fan": lambda: side_by_side(FANNED),
        }
    )
