"""Execute R Script with the real R: entry points, results, failures, figures (studio.md 6)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from tests.rscript import needs_r
from tests.runner.conftest import Ran

pytestmark = needs_r
RunR = Callable[..., Ran]

NUMBERS = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]})
OTHERS = pd.DataFrame({"c": ["x", "y"]})


def test_a_function_of_two_arguments_gets_both_tables_and_fills_both_ports(run_r: RunR) -> None:
    ran = run_r(
        """
        azureml_main <- function(dataframe1, dataframe2) {
            list(dataset1 = dataframe2, dataset2 = dataframe1)
        }
        """,
        NUMBERS,
        OTHERS,
    )
    assert ran.frame().to_dict("list") == {"c": ["x", "y"]}
    pd.testing.assert_frame_equal(ran.frame("Result Dataset2"), NUMBERS)
    assert ran.answer["notices"] == []


def test_an_input_that_is_not_connected_is_null(run_r: RunR) -> None:
    ran = run_r(
        """
        azureml_main <- function(dataframe1, dataframe2) {
            data.frame(first = is.null(dataframe1), rows = nrow(dataframe2))
        }
        """,
        None,
        OTHERS,
    )
    assert ran.frame().to_dict("list") == {"first": [True], "rows": [2]}


def test_a_function_of_one_argument_gets_the_first_connected_table(run_r: RunR) -> None:
    ran = run_r("azureml_main <- function(table) table", None, OTHERS)
    assert ran.frame().to_dict("list") == {"c": ["x", "y"]}
    assert ran.answer["notices"] == ["azureml_main takes 1 argument; two are usual."]


def test_a_function_without_arguments_is_called_with_nothing(run_r: RunR) -> None:
    ran = run_r("azureml_main <- function() data.frame(x = 1:2)", NUMBERS)
    assert ran.frame().to_dict("list") == {"x": [1, 2]}


def test_null_gives_empty_tables_and_a_notice(run_r: RunR) -> None:
    ran = run_r("azureml_main <- function(dataframe1, dataframe2) NULL", NUMBERS)
    assert ran.frame().shape == (0, 0)
    assert ran.answer["notices"] == ["azureml_main returned NULL: the results are empty tables."]


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("1:3", "azureml_main returned an integer; a data frame is wanted."),
        ("list(dataset1 = 'x')", "azureml_main returned a character as dataset1; a data frame is wanted."),
        ("list(result = mtcars)", "azureml_main returned a list with the names 'result'; the results are"),
        ("function(x) x", "azureml_main returned a function; a data frame is wanted."),
    ],
)
def test_what_is_no_data_frame_is_0085(run_r: RunR, returned: str, said: str) -> None:
    ran = run_r(f"azureml_main <- function(dataframe1, dataframe2) {returned}", NUMBERS)
    assert (ran.problem.code, ran.reason) == ("S204", "no_result")
    assert ran.problem.message.startswith(said)


def test_a_classic_script_maps_ports_by_number_and_name(run_r: RunR) -> None:
    ran = run_r(
        """
        rm(list = ls())
        first <- maml.mapInputPort(1)
        second <- maml.mapInputPort(2)
        both <- rbind(first, first)
        both$count <- nrow(second)
        maml.mapOutputPort("both");
        """,
        NUMBERS,
        OTHERS,
    )
    assert ran.frame()["a"].tolist() == [1, 2, 3, 1, 2, 3]
    assert ran.frame()["count"].tolist() == [2] * 6


def test_a_classic_port_that_is_not_connected_gives_null_and_a_notice(run_r: RunR) -> None:
    ran = run_r(
        """
        x <- data.frame(nothing = is.null(maml.mapInputPort(2)))
        maml.mapOutputPort("x")
        """,
        NUMBERS,
    )
    assert ran.frame().to_dict("list") == {"nothing": [True]}
    assert ran.answer["notices"] == ["Nothing is connected to Dataset2: maml.mapInputPort(2) gave NULL."]


def test_a_port_is_mapped_inside_a_function_too(run_r: RunR) -> None:
    ran = run_r(
        """
        work <- function() {
            inner <- data.frame(x = 1)
            maml.mapOutputPort("inner")
        }
        work()
        """
    )
    assert ran.frame().to_dict("list") == {"x": [1.0]}


def test_mapping_a_frame_in_place_of_its_name_is_explained(run_r: RunR) -> None:
    ran = run_r("x <- data.frame(a = 1)\nmaml.mapOutputPort(x)")
    assert ran.problem.code == "S201"
    assert "takes the name of a data frame as text" in ran.problem.message


def test_a_name_that_is_no_data_frame_is_0085(run_r: RunR) -> None:
    ran = run_r("x <- 1:3\nmaml.mapOutputPort('x')")
    assert ran.problem.code == "S204"
    assert ran.problem.where == "script.R:2"


def test_a_script_with_neither_form_is_told_of_a_name_that_is_close(run_r: RunR) -> None:
    ran = run_r("azureml_man <- function(dataframe1, dataframe2) dataframe1", NUMBERS)
    assert ran.problem.code == "S203"
    assert "There is 'azureml_man'" in ran.problem.message


def test_a_classic_script_that_only_plots_gives_its_plots_and_an_empty_table(run_r: RunR) -> None:
    ran = run_r("plot(1:3)", NUMBERS)
    assert ran.frame().shape == (0, 0)
    assert ran.answer["notices"] == ["The script mapped no output: the result is an empty table."]
    assert png_names(ran) == ["rplot01-001.png"]


def test_every_plot_is_an_image_in_order(run_r: RunR) -> None:
    ran = run_r(
        """
        plot(1:3)
        hist(c(1, 2, 2))
        dev.off()
        barplot(1:2)
        png("mine.png"); plot(1); dev.off()
        azureml_main <- function(dataframe1, dataframe2) {
            plot(dataframe1)
            dataframe1
        }
        """,
        NUMBERS,
    )
    assert ran.answer["problem"] is None
    assert png_names(ran) == [
        "mine.png", "rplot01-001.png", "rplot01-002.png", "rplot02-001.png", "rplot02-002.png",
    ]  # fmt: skip


def test_plots_before_a_failure_are_kept(run_r: RunR) -> None:
    ran = run_r("plot(1:3)\nplot(3:1)\nstop('enough')")
    assert ran.problem.code == "S201"
    assert png_names(ran) == ["rplot01-001.png", "rplot01-002.png"]


def test_an_error_has_the_message_of_r_its_line_and_the_call_stack(run_r: RunR) -> None:
    ran = run_r(
        """\
        inner <- function(z) {
            log("a")
        }
        azureml_main <- function(dataframe1, dataframe2) {
            y <- 1
            inner(y)
        }
        """,
        NUMBERS,
    )
    problem = ran.problem
    said = "The R script failed at line 2 of script.R: 'non-numeric argument to mathematical function'."
    assert (problem.code, problem.where, problem.message) == ("S201", "script.R:2", said)
    assert problem.traceback == (
        'Error in log("a"): non-numeric argument to mathematical function\n'
        "Calls:\n"
        "  1: azureml_main(dataframe1, dataframe2)\n"
        "  2: inner(y) at script.R:6\n"
    )
    assert problem.traceback in ran.stderr
    assert ran.reason == "script_error"


def test_an_error_at_the_top_level_names_its_line(run_r: RunR) -> None:
    ran = run_r("x <- 1\n\nstop('no luck')\n")
    assert ran.problem.where == "script.R:3"
    assert "'no luck'" in ran.problem.message


def test_an_error_in_a_file_of_the_bundle_names_that_file(run_r: RunR) -> None:
    ran = run_r(
        "source('src/part.R')\nf()",
        bundle_files={"part.R": "f <- function() {\n    x <- 1\n    stop('inside')\n}\n"},
    )
    assert ran.problem.where == "src/part.R:3"


def test_an_error_that_the_script_catches_is_none(run_r: RunR) -> None:
    ran = run_r(
        """
        caught <- tryCatch(stop("inner"), error = function(e) conditionMessage(e))
        tried <- inherits(try(log("a"), silent = TRUE), "try-error")
        x <- data.frame(caught, tried)
        maml.mapOutputPort("x")
        """
    )
    assert ran.frame().to_dict("list") == {"caught": ["inner"], "tried": [True]}


def test_endless_recursion_is_an_error_like_any_other(run_r: RunR) -> None:
    ran = run_r("f <- function(n) f(n + 1)\nf(1)")
    assert ran.problem.code == "S201"
    assert "nested too deeply" in ran.problem.message or "stack" in ran.problem.message
    assert ran.problem.traceback.count("\n") < 120


def test_a_script_that_does_not_parse_names_the_line(run_r: RunR) -> None:
    ran = run_r("x <- 1\ny <- (2 +\nz }\n")
    assert (ran.problem.code, ran.problem.where) == ("S202", "script.R:3")
    assert "unexpected" in ran.problem.message


def test_an_empty_script_is_refused(run_r: RunR) -> None:
    assert run_r("   \n").problem.code == "S004"


def test_quit_before_a_result_is_a_failure(run_r: RunR) -> None:
    ran = run_r("azureml_main <- function(dataframe1, dataframe2) quit(status = 3)")
    assert ran.problem.code == "S205"
    assert ran.problem.message == ("The script ended R itself (quit) with status 3, before it gave a result.")


def test_quit_after_the_result_ends_the_script(run_r: RunR) -> None:
    ran = run_r("x <- data.frame(a = 1)\nplot(1)\nmaml.mapOutputPort('x')\nq('no')\nstop('never')")
    assert ran.frame().to_dict("list") == {"a": [1.0]}
    assert png_names(ran) == ["rplot01-001.png"]


def test_a_crash_of_r_is_a_failure_of_the_node_alone(run_r: RunR) -> None:
    ran = run_r("tools::pskill(Sys.getpid(), 9)")
    assert ran.problem.code == "S208"
    assert "SIGKILL" in ran.problem.message


def test_a_forged_result_is_not_believed(run_r: RunR) -> None:
    ran = run_r(
        """
        place <- commandArgs(TRUE)[3]
        writeBin(charToRaw("SKYRTBL1 and nonsense behind it"), file.path(place, "output1"))
        q("no")
        """
    )
    assert ran.problem.code == "S209"


def test_a_pipe_in_place_of_the_result_is_not_waited_for(run_r: RunR) -> None:
    ran = run_r(
        """
        place <- commandArgs(TRUE)[3]
        system2("mkfifo", file.path(place, "output1"))
        q("no")
        """
    )
    assert ran.problem.code == "S209"


def test_the_zip_lies_in_both_folders(run_r: RunR) -> None:
    ran = run_r(
        """
        source("src/part.R")
        x <- data.frame(part, other = readLines("./Script Bundle/words.txt"))
        maml.mapOutputPort("x")
        """,
        bundle_files={"part.R": "part <- 42", "words.txt": "hello\n"},
    )
    assert ran.frame().to_dict("list") == {"part": [42.0], "other": ["hello"]}


def test_what_is_printed_is_the_log(run_r: RunR) -> None:
    ran = run_r(
        """
        print("printed")
        1 + 1
        invisible(3)
        message("to stderr: Grüße")
        warning("careful")
        azureml_main <- function() data.frame(x = 1)
        """
    )
    assert ran.stdout == '[1] "printed"\n[1] 2\n'
    assert "to stderr: Grüße" in ran.stderr
    assert "careful" in ran.stderr


def test_the_seed_makes_draws_repeat(run_r: RunR) -> None:
    text = "azureml_main <- function() data.frame(x = runif(3), y = sample(3))"
    first, again = (run_r(text, values={"Random Seed": 42}).frame() for _ in range(2))
    other = run_r(text, values={"Random Seed": 43}).frame()
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first["x"], other["x"])


def test_a_version_of_the_old_product_is_accepted_with_a_notice_and_draws_as_it_did(run_r: RunR) -> None:
    text = "azureml_main <- function() data.frame(y = sample(10, 5))"
    seeded = {"Random Seed": 1}
    ran = run_r(text, values={**seeded, "R Version": "Microsoft R Open 3.2.2"})
    assert ran.frame()["y"].tolist() == [3, 4, 5, 7, 2]  # set.seed(1); sample(10, 5) of R before 3.6
    assert "Microsoft R Open 3.2.2" in ran.answer["notices"][0]
    assert run_r(text, values=seeded).frame()["y"].tolist() == [9, 4, 7, 1, 2]


def test_line_ends_of_windows_do_not_matter(run_r: RunR) -> None:
    ran = run_r("\ufeffx <- data.frame(a = 1)\r\nmaml.mapOutputPort('x')\r\nstop('here')\r\n")
    assert ran.problem.where == "script.R:3"


def test_a_machine_without_r_is_told_so(run_r: RunR, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert run_r("x <- 1").problem.code == "S200"


def png_names(ran: Ran) -> list[str]:
    return sorted(path.name for path in ran.work.glob("*.png"))
