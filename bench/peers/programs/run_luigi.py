"""Luigi: tasks in processes that its worker forks, without isolation, results in files of the task's own."""

from __future__ import annotations

import itertools
import logging
import os
import tempfile

import luigi
import pandas
from serving import CHAIN, FAN, serve

FOLDER = tempfile.mkdtemp()
fresh = itertools.count()


class Link(luigi.Task):
    tag = luigi.Parameter()
    place = luigi.IntParameter()

    def requires(self) -> list[luigi.Task]:
        return [Link(self.tag, self.place - 1)] if self.place else []

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(os.path.join(FOLDER, f"{self.tag}-{self.place}.pickle"))

    def run(self) -> None:
        before = self.requires()
        frame = pandas.read_pickle(before[0].output().path) if before else pandas.DataFrame({"a": range(10)})
        frame.assign(c=frame["a"] * 2).to_pickle(self.output().path)


class Leaf(Link):
    def requires(self) -> list[luigi.Task]:
        return []


class Fan(luigi.WrapperTask):
    tag = luigi.Parameter()

    def requires(self) -> list[luigi.Task]:
        return [Leaf(self.tag, place) for place in range(FAN)]


def build(task: luigi.Task) -> None:
    # more than one worker: each task in a fork of its own
    if not luigi.build([task], local_scheduler=True, workers=2, log_level="CRITICAL"):
        raise RuntimeError("the build failed")


logging.disable(logging.CRITICAL)
build(Link("kept", CHAIN - 1))
serve(
    {
        "one": lambda: build(Leaf(f"one{next(fresh)}", 0)),
        "chain": lambda: build(Link(f"chain{next(fresh)}", CHAIN - 1)),
        "fan": lambda: build(Fan(f"fan{next(fresh)}")),
        "again": lambda: build(Link("kept", CHAIN - 1)),
    }
)
