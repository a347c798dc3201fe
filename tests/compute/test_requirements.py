from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyloom.compute.requirements import check_dependencies, names_of, read_requirements
from skyloom.core.problem import ProblemError


def _codes(text: str) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        read_requirements(text)
    return [problem.code for problem in caught.value.problems]


def test_comments_blank_lines_and_continued_lines_are_understood() -> None:
    text = "# models\n\nlightgbm >=4,\\\n   <5  # fast\n\tsix\r\npandas[excel]==2.3.*\n"
    assert read_requirements(text) == ("lightgbm<5,>=4", "pandas[excel]==2.3.*", "six")


def test_a_marker_is_kept() -> None:
    assert read_requirements("tomli; python_version<'3.11'") == ('tomli; python_version < "3.11"',)


@given(st.permutations(["pandas<3", "six", "scikit-learn>=1,<2"]), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_order_of_lines_does_not_matter(lines: list[str], separator: str) -> None:
    assert read_requirements(separator.join(lines)) == ("pandas<3", "scikit-learn<2,>=1", "six")


@pytest.mark.parametrize("spelling", ["Scikit_Learn >=1, <2", "scikit.learn<2,>=1", "SCIKIT-LEARN<2, >=1"])
def test_one_package_has_one_spelling(spelling: str) -> None:
    assert read_requirements(spelling) == ("scikit-learn<2,>=1",)


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "-r other.txt",
        "--index-url https://packages.example/simple",
        "--extra-index-url=https://packages.example/simple",
        "-i https://packages.example/simple",
        "--trusted-host packages.example",
        "six --hash=sha256:00",
        "./wheels/six.whl",
        "/tmp/six-1.0-py3-none-any.whl",
        "../six",
        "~/six",
        "C:\\six",
        "six-1.0.tar.gz",
        "git+https://code.example/six",
        "https://packages.example/six.whl",
        "file:///tmp/six.whl",
        "six @ https://packages.example/six.whl",
        "six @ git+https://code.example/six",
        "six@file:///tmp/six",
    ],
)
def test_options_paths_and_addresses_are_refused(line: str) -> None:
    assert _codes(line) == ["C054"]


def test_an_address_is_taken_where_the_agent_allows_it() -> None:
    line = "six @ https://packages.example/six.whl"
    assert read_requirements(line, allow_places=True) == (line,)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ProblemError) as caught:
        read_requirements("six @ https://me:hunter2@packages.example/six.whl")
    assert "hunter2" not in str(caught.value)


def test_all_faulty_lines_are_reported_with_their_numbers() -> None:
    with pytest.raises(ProblemError) as caught:
        read_requirements("six\npandas==\n\n-e .\nnum py\n")
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("C053", "requirements, line 2"),
        ("C054", "requirements, line 4"),
        ("C053", "requirements, line 5"),
    ]


def test_lines_of_a_header_follow_the_same_rules() -> None:
    assert check_dependencies(["Six ", "pandas < 3"]) == ("pandas<3", "six")
    with pytest.raises(ProblemError, match="C054"):
        check_dependencies(["six @ file:///etc"])


def test_names_are_found_whatever_follows_them() -> None:
    lines = [
        "Pandas[excel]<3",
        "scikit_learn",
        "six; python_version < '4'",
        "a @ https://packages.example/a.whl",
    ]
    assert names_of(lines) == {"pandas", "scikit-learn", "six", "a"}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    try:
        lines = read_requirements(text)
    except ProblemError as error:
        assert {problem.code for problem in error.problems} <= {"C053", "C054"}
    else:
        assert read_requirements("\n".join(lines)) == lines
