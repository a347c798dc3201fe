from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from skyloom.compute.ray import processes


def test_a_mark_finds_the_processes_of_a_cluster_and_of_one_node() -> None:
    started = [
        subprocess.Popen(["sleep", "60"], env={"PATH": os.environ["PATH"], processes.MARK: mark})
        for mark in ("t1/a", "t1/b", "t12")
    ]
    try:
        assert set(processes.marked("t1/a")) == {started[0].pid}
        assert set(processes.marked("t1")) == {started[0].pid, started[1].pid}
        assert processes.end_marked("t1", 0.3) or [one.wait(5) for one in started[:2]]
        assert started[2].poll() is None
    finally:
        for one in started:
            one.kill()
            one.wait()


def test_words_for_a_node_name_its_size_its_ports_and_no_other_ray(tmp_path: Path) -> None:
    (tmp_path / "session_latest").mkdir()
    os.environ["RAY_ADDRESS"] = "somebody:1"
    try:
        environment = processes.variables("secret", "m")
    finally:
        del os.environ["RAY_ADDRESS"]
    start = processes.node_start(environment, "h:1", str(tmp_path), (6, 1, 2**30), "n-1", True)
    assert start.words[:4] == ("nice", "-n", "10", sys.executable)
    assert {"--num-cpus=6", "--num-gpus=1", "--address=h:1", '--resources={"n-1": 1}'} <= set(start.words)
    assert "secret" not in " ".join(start.words)
    assert environment["RAY_AUTH_TOKEN"] == "secret" and "RAY_ADDRESS" not in environment
    told = {path.name.rpartition("_")[0]: int(path.read_text()) for path in tmp_path.rglob("*_port_*")}
    assert told["metrics_agent_port"] == start.ports["dashboard-agent-grpc"]
    assert len(set(start.ports.values())) == 6


def test_neither_skyloom_nor_the_agent_loads_ray() -> None:
    code = "import sys, skyloom, skyloom.workspace.local, skyloom.sdk.compute; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
