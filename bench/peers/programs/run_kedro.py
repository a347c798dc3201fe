"""Kedro: nodes in a pool of processes that is reused within a run, results in pickle files."""

from __future__ import annotations

import os
import tempfile

import pandas
from kedro.io import DataCatalog
from kedro.pipeline import node, pipeline
from kedro.runner import ParallelRunner, SequentialRunner
from kedro_datasets.pickle import PickleDataset
from serving import CHAIN, FAN, serve


def step(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.assign(c=frame["a"] * 2)


def stored(folder: str, names: list[str]) -> DataCatalog:
    datasets = {name: PickleDataset(filepath=os.path.join(folder, name)) for name in names}
    catalog = DataCatalog(datasets)
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


def run(graph: object, names: list[str], runner: object) -> None:
    runner.run(graph, stored(tempfile.mkdtemp(), ["ten", *names]))


def main() -> None:
    chained, fanned = [f"c{place}" for place in range(CHAIN)], [f"f{place}" for place in range(FAN)]
    serve(
        {
            "one": lambda: run(ONE, ["one"], ParallelRunner(max_workers=2)),
            "one_in_process": lambda: run(ONE, ["one"], SequentialRunner()),
            "chain": lambda: run(CHAINED, chained, ParallelRunner(max_workers=2)),
            "fan": lambda: run(FANNED, fanned, ParallelRunner(max_workers=2)),
        }
    )


if __name__ == "__main__":
    main()
