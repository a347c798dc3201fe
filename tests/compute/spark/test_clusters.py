"""Which cluster a step gets, and what is said when it gets none. Boxes are real; Java is not started."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.compute.sandbox import levels
from skyloom.compute.spark.cluster import SparkCluster
from skyloom.compute.spark.clusters import SparkClusters
from skyloom.compute.spark.settings import ClusterSettings, cluster_settings
from skyloom.core.identity import digest_of
from skyloom.core.problem import ProblemError

pytestmark = pytest.mark.real("sandbox")

OWN = Interpreter("current", digest_of(sys.executable), sys.executable, "3")


@pytest.fixture(scope="module")
def local() -> Iterator[LocalCompute]:
    with tempfile.TemporaryDirectory(prefix="skyloom-clusters-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        (place / "out").mkdir()
        made = LocalCompute(str(place / "work"), str(place / "out"), weakest=levels.NONE, spares=0)
        try:
            if not levels.has_namespaces(made.proven().best):
                pytest.skip("no isolation of level full could be proven on this machine")
            yield made
        finally:
            made.close()


def test_settings_are_read_out_of_the_words() -> None:
    words = ("nb", "--kind", "", "notebook", "--cluster", "compute", "bricks", "--cluster", "cores", "3",
             "--cluster", "conf", '{"spark.driver.memory": "2g"}')  # fmt: skip
    found = cluster_settings(words)
    assert (found.compute, found.cores, found.memory) == ("bricks", 3, "2g")
    assert found.key == cluster_settings(words).key != ClusterSettings("bricks", 3, "2g").key
    with pytest.raises(ProblemError, match="C121"):
        cluster_settings(("nb", "--cluster", "cores", "many"))


def test_a_level_without_a_network_space_is_refused_and_not_lowered(local: LocalCompute) -> None:
    with pytest.raises(ProblemError, match="C120"):
        local.take_open_box(OWN, levels.KERNEL_FILTER)


def test_an_environment_without_pyspark_is_told(local: LocalCompute, tmp_path: Path) -> None:
    box = local.take_open_box(OWN, None)
    cluster = SparkCluster(ClusterSettings("bricks"), box, tmp_path / "dbfs")
    try:
        with pytest.raises(ProblemError, match=r"C122.*has no pyspark"):
            cluster.start(threading.Event(), "1g")
    finally:
        cluster.close()
        local.give_back(box)


def test_a_cluster_that_is_named_is_restarted_only_when_that_is_permitted(
    local: LocalCompute, tmp_path: Path
) -> None:
    clusters = SparkClusters(local, tmp_path, lambda name: {})
    box = local.take_open_box(OWN, None)
    up = SparkCluster(ClusterSettings("bricks", existing="c1"), box, tmp_path / "dbfs")
    clusters._clusters["key"] = up
    other = ClusterSettings("bricks", cores=2, existing="c1")
    with pytest.raises(ProblemError, match="C124"):
        clusters._make_room(other)
    assert clusters.running() == [up]
    clusters._make_room(ClusterSettings("bricks", cores=2, existing="c1", may_restart=True))
    assert not clusters.running() and not box.is_alive
    clusters.close()
