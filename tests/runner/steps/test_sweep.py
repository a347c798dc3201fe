"""The driver of a sweep: trials, their metrics, early ends, the best model."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.runner.steps.driving import Driven, drive, script

from skyloom.runner.steps.sweep.policy import Policy
from skyloom.runner.steps.sweep.sampling import Sampler
from skyloom.runner.steps.sweep.space import draw

TRAIN = """
    import argparse, os, time
    from azureml.core import Run
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float)
    parser.add_argument("--data")
    args = parser.parse_args()
    run = Run.get_context()
    print("trial", run.id)
    run.log("loss", (args.rate - 3) ** 2)
    if args.rate == 9:
        time.sleep(600)
    if args.rate == 8:
        raise ValueError("too large")
    os.makedirs("outputs/model", exist_ok=True)
    open("outputs/model/weights.txt", "w").write(f"{args.rate} {args.data}")
"""


def plan(**more: Any) -> str:
    usual = {
        "sampling": "grid",
        "space": {"--rate": ["choice", [[1, 3, 8]]]},
        "metric": "loss",
        "goal": "MINIMIZE",
        "max_total_runs": 10,
        "max_concurrent_runs": 2,
        "max_duration_minutes": 5,
        "policy": {"name": "none"},
    }
    return json.dumps({**usual, **more})


def go(work: Path, *words: str, **more: Any) -> Driven:
    script(work, "train.py", TRAIN)
    script(work, "_skyloom_sweep.json", plan(**more))
    return drive(work, "sweep.drive", [*words, "--", "train.py", "--data", "d"])


def test_a_grid_is_tried_and_the_best_model_given(tmp_path: Path) -> None:
    model, metrics = tmp_path / "model.txt", tmp_path / "metrics.json"
    words = ("--metrics", str(metrics), "--model_file", "outputs/model/weights.txt", "--model", str(model))
    done = go(tmp_path, *words)
    assert done.code == 0, done.out
    told = json.loads(done.kept("hyperdrive/runs.json"))
    assert [(one["values"]["--rate"], one["status"]) for one in told["runs"]] == [
        (1, "Completed"),
        (3, "Completed"),
        (8, "Failed"),
    ]
    assert told["best"] == "HD_r1_1" and "ValueError: too large" in told["runs"][2]["message"]
    assert model.read_text() == "3.0 d"
    assert json.loads(metrics.read_text())["HD_r1_0"] == {"loss": [4.0]}
    assert done.kept("hyperdrive/1/outputs/model/weights.txt") == "3.0 d"
    assert "trial HD_r1_2" in done.kept("hyperdrive/2/user_logs/std_log.txt")
    row = {"metric_name": "loss", "run_id": "HD_r1_1", "metric_value": 0.0}
    assert done.metrics == [("best_child_by_primary_metric", row)]


def test_a_hopeless_trial_is_ended_by_the_policy(tmp_path: Path) -> None:
    done = go(
        tmp_path,
        space={"rate": ["choice", [[3, 9]]]},
        max_concurrent_runs=1,
        policy={"name": "bandit", "slack_amount": 1},
    )
    assert done.code == 0 and "Trial 1 ended early by the policy" in done.out, done.out


def test_a_sweep_without_the_primary_metric_fails_and_says_what_was_logged(tmp_path: Path) -> None:
    done = go(tmp_path, metric="accuracy", space={"rate": ["choice", [[1]]]})
    assert done.code == 1 and "the primary metric 'accuracy'; logged were: loss" in done.out


@pytest.mark.parametrize(
    ("rule", "maximize", "mine", "others", "ends"),
    [
        ({"name": "bandit", "slack_factor": 0.25}, True, [0.7], [[1.0]], True),
        ({"name": "bandit", "slack_factor": 0.25}, True, [0.81], [[1.0]], False),
        ({"name": "bandit", "slack_factor": 0.25}, False, [1.3], [[1.0]], True),
        ({"name": "bandit", "slack_amount": 0.1}, True, [0.85], [[1.0]], True),
        ({"name": "bandit", "slack_amount": 0.1, "delay_evaluation": 2}, True, [0.1], [[1.0]], False),
        ({"name": "bandit", "slack_amount": 0.1, "evaluation_interval": 2}, True, [0.1], [[1.0]], False),
        ({"name": "median"}, True, [0.4], [[0.5], [0.6], [0.1]], True),
        ({"name": "median"}, False, [0.4], [[0.5], [0.6], [0.1]], False),
        ({"name": "truncation", "truncation_percentage": 50}, True, [0.1], [[0.5], [0.6], [0.7]], True),
        ({"name": "truncation", "truncation_percentage": 50}, True, [0.55], [[0.5], [0.45], [0.7]], False),
    ],
)
def test_policies(
    rule: dict[str, Any], maximize: bool, mine: list[float], others: list[list[float]], ends: bool
) -> None:
    assert Policy(rule, maximize).ends(mine, others) is ends


@pytest.mark.parametrize(
    ("distribution", "low", "high"),
    [
        (["uniform", [1, 2]], 1, 2),
        (["quniform", [0, 10, 5]], 0, 10),
        (["loguniform", [-2, 0]], 0.1, 1),
        (["randint", [4]], 0, 3),
        (["choice", [[5, 6]]], 5, 6),
        (["qnormal", [0, 1, 0.5]], -8, 8),
        (["lognormal", [0, 1]], 0, 1000),
    ],
)
def test_distributions_stay_in_their_range(distribution: list[Any], low: float, high: float) -> None:
    source = random.Random(7)
    assert all(low <= draw(distribution, source) <= high for _ in range(200))


def test_bayesian_sampling_comes_nearer_than_chance() -> None:
    space: dict[str, Any] = {"x": ["uniform", [0, 100]], "kind": ["choice", [["a", "b", "c"]]]}

    def loss(values: dict[str, Any]) -> float:
        return float(abs(values["x"] - 30)) + (0 if values["kind"] == "b" else 20)

    def mean_of_last(kind: str) -> float:
        total = 0.0
        for seed in range(5):
            sampler = Sampler(kind, space, seed)
            seen: list[tuple[dict[str, Any], float]] = []
            for _ in range(40):
                values = sampler.next(seen)
                assert values is not None
                seen.append((values, loss(values)))
            total += sum(value for _, value in seen[-15:])
        return total / 75

    assert mean_of_last("bayesian") < 0.6 * mean_of_last("random")


def test_one_trial_alone_tells_its_values_and_its_end_and_leaves_its_files(tmp_path: Path) -> None:
    told = {"id": "HD_r1_4", "number": 4, "values": {"--rate": 5}, "metric": "loss"}
    script(tmp_path, "train.py", TRAIN)
    script(tmp_path, "_skyloom_sweep.json", plan())
    model = tmp_path / "model.txt"
    words = [
        "--model_file",
        "outputs/model/weights.txt",
        "--model",
        str(model),
        "--",
        "train.py",
        "--data",
        "d",
    ]
    done = drive(tmp_path, "sweep.drive", words, SKYLOOM_TRIAL=json.dumps(told))
    assert done.code == 0, done.out
    assert done.out.splitlines() == [
        "Output of the trial:",
        "trial HD_r1_4",
        '["value", 4.0]',
        '["end", "Completed", ""]',
    ]
    assert done.metrics == [("loss", 4.0)]
    assert model.read_text() == (done.folder / "outputs/model/weights.txt").read_text() == "5.0 d"
    assert not (done.folder / "_skyloom_sweep.json").exists()
