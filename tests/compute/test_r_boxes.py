"""Scripts in R in real boxes, at every level: they run, and get out no further than scripts in Python."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from skyloom.core.task import Limits, Reason
from tests.compute.boxes import Boxes, Ran
from tests.rscript import needs_r

pytestmark = [pytest.mark.real("sandbox"), *needs_r]

AGES = 200  # s; what would be waited for lasts longer, and machines pause
SMALL = Limits(timeout_s=60, memory_bytes=256 << 20, disk_bytes=64 << 20)


def in_r(body: str) -> str:
    """A script whose azureml_main has this body and returns what it gathered in ``told``."""
    return f"azureml_main <- function() {{\ntold <- character()\n{body}\ndata.frame(told = told)\n}}\n"


def tried(boxes: Boxes, level: str, *attempts: str) -> Ran:
    """Make each attempt; the log has a line for each that succeeded."""
    lines = "\n".join(
        f'if (!inherits(try(suppressWarnings({attempt}), silent = TRUE), "try-error"))'
        f' cat("succeeded:", {place}, "\\n")'
        for place, attempt in enumerate(attempts)
    )
    return boxes.run(in_r(lines), language="r", level=level)


def test_a_script_runs_prints_plots_and_gives_a_table(boxes: Boxes, level: str) -> None:
    body = 'cat("hello\\n"); message("oh"); plot(1:3, main = "Größe"); told <- R.version$language'
    ran = boxes.run(in_r(body), language="r", level=level)
    assert (ran.outcome.reason, ran.outcome.isolation) == (None, level), ran.stderr
    assert ran.outcome.outputs["Result Dataset"].footer is not None
    assert (ran.stdout, "oh\n" in ran.stderr) == ("hello\n", True)
    assert [Path(path).name for path in ran.outcome.images] == ["0000-rplot01-001.png"]


def test_files_outside_cannot_be_read_or_written(boxes: Boxes, level: str, tmp_path: Path) -> None:
    secret = Path("/var/tmp") / f"skyloom-secret-{os.getpid()}-{tmp_path.name}"
    secret.write_text("secret")
    secret.chmod(0o644)
    try:
        ran = tried(
            boxes,
            level,
            f'readLines("{secret}")',
            f'cat("x", file = "{secret}.copy")',
            'readLines("/etc/shadow")',
            'cat("x", file = "/usr/lib/R/x")',
            f'stopifnot(0 == system2("cat", "{secret}", stdout = FALSE, stderr = FALSE))',
        )
    finally:
        secret.unlink()
    assert (ran.outcome.reason, ran.stdout) == (None, "")


def test_there_is_no_network(boxes: Boxes, level: str) -> None:
    ran = tried(
        boxes,
        level,
        'socketConnection("127.0.0.1", 80, timeout = 1)',
        "socketConnection(port = 18080, server = TRUE, timeout = 1)",
        'readLines("http://127.0.0.1/")',
        'utils::download.file("https://cloud.r-project.org/", "x", quiet = TRUE)',
        "parallel::makePSOCKcluster(1, setup_timeout = 1)",
    )
    assert (ran.outcome.reason, ran.stdout) == (None, "")


def test_what_it_forks_and_leaves_is_ended(boxes: Boxes, level: str) -> None:
    body = (
        'system("sleep 600 &"); parallel::mcparallel(Sys.sleep(600), detached = TRUE)\n'
        "told <- unlist(parallel::mclapply(1:2, function(n) n * 2, mc.cores = 2))"
    )
    ran = boxes.run(in_r(body), language="r", level=level)
    assert ran.outcome.reason is None, ran.stderr
    assert ran.seconds < AGES


def test_a_bomb_of_processes_meets_the_limit(boxes: Boxes, level: str) -> None:
    body = "for (n in 1:500) parallel::mcparallel(Sys.sleep(600), detached = TRUE)"
    limits = Limits(timeout_s=20, memory_bytes=1 << 30, processes=32)
    ran = boxes.run(in_r(body), language="r", level=level, limits=limits)
    assert ran.outcome.reason in (Reason.SCRIPT_ERROR, Reason.MEMORY, Reason.TIMEOUT)
    assert ran.seconds < AGES


def test_the_time_limit_ends_a_loop(boxes: Boxes, level: str) -> None:
    ran = boxes.run("repeat {}", language="r", level=level, limits=Limits(timeout_s=1.5))
    assert ran.outcome.reason == Reason.TIMEOUT
    assert ran.seconds < AGES


def test_a_cancel_ends_it(boxes: Boxes, level: str) -> None:
    canceled = threading.Event()
    threading.Timer(0.8, canceled.set).start()
    ran = boxes.run("Sys.sleep(600)", language="r", level=level, canceled=canceled)
    assert ran.outcome.reason == Reason.CANCELED
    assert ran.seconds < AGES


def test_the_memory_limit_is_the_reason_when_r_gets_no_more(boxes: Boxes, level: str) -> None:
    body = "blocks <- list(); for (n in 1:400) { blocks[[n]] <- runif(1e6); Sys.sleep(0.005) }"
    ran = boxes.run(in_r(body), language="r", level=level, limits=SMALL)
    assert ran.outcome.reason == Reason.MEMORY, ran.outcome.problem


def test_one_vector_beyond_the_limit_is_the_reason_too(boxes: Boxes, level: str) -> None:
    ran = boxes.run(in_r("told <- sum(numeric(4e8))"), language="r", level=level, limits=SMALL)
    assert ran.outcome.reason == Reason.MEMORY, ran.outcome.problem


def test_killing_the_runner_is_a_failure_of_the_node_alone(boxes: Boxes, level: str) -> None:
    body = (
        'parent <- as.integer(strsplit(readLines("/proc/self/stat"), " ")[[1]][4]); tools::pskill(parent, 9)'
    )
    outcome = boxes.run(in_r(body + "\nSys.sleep(5)"), language="r", level=level).outcome
    assert outcome.reason in ("signal:SIGKILL", Reason.SCRIPT_ERROR, Reason.NO_RESULT)
