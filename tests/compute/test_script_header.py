from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute.script_header import ScriptHeader, read_script_header
from skyloom.core.problem import ProblemError

EXAMPLE = """\
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
#   "rich",
# ]
# ///

def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1,
"""


def test_the_example_of_the_standard_is_read() -> None:
    assert read_script_header(EXAMPLE) == ScriptHeader(">=3.11", ("requests<3", "rich"))


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_any_line_ending_is_read_alike(ending: str) -> None:
    assert read_script_header(EXAMPLE.replace("\n", ending)) == read_script_header(EXAMPLE)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "import pandas as pd\n",
        "# /// script\n# dependencies = []\n",  # never closed
        "# /// script\n# dependencies = []\nx = 1\n# ///\n",  # code inside
        "#/// script\n# dependencies = []\n# ///\n",  # no space after the hash
        " # /// script\n # dependencies = []\n # ///\n",  # not at the start of its line
        "# /// pyproject\n# dependencies = []\n# ///\n",  # another type of block
        "# /// script\n#dependencies = []\n# ///\n",  # no space before the content
        "# /// script\n# ///\n",  # nothing inside
    ],
)
def test_what_the_standard_does_not_take_for_a_header_is_none(script: str) -> None:
    assert read_script_header(script) is None


def test_a_header_may_stand_anywhere_and_hold_empty_comment_lines() -> None:
    script = 'import os\n\n# /// script\n#\n# dependencies = ["six"]\n#\n# ///\n# said later\n'
    assert read_script_header(script) == ScriptHeader(None, ("six",))


def test_the_last_closing_line_of_a_run_of_comments_counts() -> None:
    script = '# /// script\n# x = """\n# ///\n# """\n# ///\n'
    assert read_script_header(script) == ScriptHeader(None, None, ("x",))


def test_a_closing_line_at_the_very_end_needs_no_line_break() -> None:
    assert read_script_header('# /// script\n# dependencies = ["six"]\n# ///') == ScriptHeader(None, ("six",))


def test_missing_and_empty_dependencies_are_told_apart() -> None:
    missing = read_script_header('# /// script\n# requires-python = ">=3.11"\n# ///\n')
    empty = read_script_header("# /// script\n# dependencies = []\n# ///\n")
    assert missing == ScriptHeader(">=3.11", None)
    assert empty == ScriptHeader(None, ())


def test_other_entries_are_named_as_ignored() -> None:
    script = '# /// script\n# dependencies = []\n# [tool.uv]\n# exclude-newer = "2024-01-01"\n# ///\n'
    assert read_script_header(script) == ScriptHeader(None, (), ("tool",))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("# dependencies = [\n", "not TOML"),
        ("# dependencies = 'six'\n", "must be a list"),
        ("# dependencies = [1]\n", "must be a list"),
        ("# requires-python = 3.11\n", "must be text"),
    ],
)
def test_a_header_that_is_not_readable_names_its_line(body: str, says: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_script_header(f"import os\n# /// script\n{body}# ///\n")
    problem = caught.value.problem
    assert problem.code == "C052"
    assert says in problem.message
    assert problem.where == "script, line 2"


def test_two_headers_are_refused() -> None:
    block = "# /// script\n# dependencies = []\n# ///\n"
    with pytest.raises(ProblemError, match="2 headers"):
        read_script_header(block + "\n" + block)


@given(st.text(alphabet=st.sampled_from("# /script\n\r=[]'xé"), max_size=80))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    try:
        read_script_header(text)
    except ProblemError as error:
        assert error.problem.code == "C052"
